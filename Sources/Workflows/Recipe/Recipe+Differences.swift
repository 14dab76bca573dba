import Storage

extension Recipe {
    /// The keys of the given tables, and the seed, in which this recipe differs from the other, in the order of the file.
    ///
    /// - Returns: lines such as `generate.steps: 250 → 300`, the other recipe's value first; empty if nothing differs.
    public func keyDifferences(from other: Recipe, sections: Set<Section> = Set(Section.allCases)) -> [String] {
        var differences: [String] = []
        if seed != other.seed { differences.append("seed: \(other.seed) → \(seed)") }
        for section in Section.allCases where sections.contains(section) {
            let (new, old) = (entries(of: section), other.entries(of: section))
            let newValues = Dictionary(uniqueKeysWithValues: new.map { ($0.key, $0.value) })
            let oldValues = Dictionary(uniqueKeysWithValues: old.map { ($0.key, $0.value) })
            // A key may be in one of the two alone, such as chemical_potential and filling.
            let keys = old.map(\.key) + new.map(\.key).filter { oldValues[$0] == nil }
            for key in keys where newValues[key] != oldValues[key] {
                // The same lattice may lie in different places.
                if section == .lattice, key == "file", lattice.geometry == other.lattice.geometry { continue }
                differences.append("\(section.rawValue).\(key): \(oldValues[key] ?? "—") → \(newValues[key] ?? "—")")
            }
            if section == .lattice, lattice.file == other.lattice.file, lattice.geometry != other.lattice.geometry {
                differences.append("lattice.file: the contents of \(TOMLText.text(lattice.file)) have changed")
            }
        }
        return differences
    }

    /// The SHA-256 of the given tables as canonical TOML and of the seed. The lattice counts by its geometry, not its place.
    public func fingerprint(of sections: Set<Section> = Set(Section.allCases)) -> String {
        var text = "seed = \(seed)\n"
        for section in Section.allCases where sections.contains(section) {
            let entries = entries(of: section).filter { section != .lattice || $0.key != "file" }
            text += "[\(section.rawValue)]\n" + entries.map { "\($0.key) = \($0.value)\n" }.joined()
            if section == .lattice { text += LatticeFile.text(of: lattice.geometry) }
        }
        return Digest.sha256(of: Array(text.utf8))
    }
}
