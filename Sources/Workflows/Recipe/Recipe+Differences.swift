import Storage
import Training

extension Recipe {
    /// A key in which two recipes differ.
    struct Difference {
        /// Such as `generate.steps: 250 → 300`, the other recipe's value first.
        let text: String
        /// What it means for work that was begun.
        let effect: RecipeKeyEffect
    }

    /// The keys of the given tables, and the seed, in which this recipe differs from the other, in the order of the file.
    ///
    /// The options of a solver belong to the tables that name it.
    ///
    /// - Returns: lines such as `generate.steps: 250 → 300`, the other recipe's value first; empty if nothing differs.
    public func keyDifferences(from other: Recipe, sections: Set<Section> = Set(Section.allCases)) -> [String] {
        differences(from: other, sections: sections).map(\.text)
    }

    /// The same with what each of them means for work that was begun.
    func differences(from other: Recipe, sections: Set<Section>) -> [Difference] {
        var differences: [Difference] = []
        func compare(
            _ table: String, _ new: [(key: String, value: String)], _ old: [(key: String, value: String)],
            effect: (String) -> RecipeKeyEffect = { _ in .results }
        ) {
            let newValues = Dictionary(uniqueKeysWithValues: new.map { ($0.key, $0.value) })
            let oldValues = Dictionary(uniqueKeysWithValues: old.map { ($0.key, $0.value) })
            // A key may be in one of the two alone, such as chemical_potential and filling.
            let keys = old.map(\.key) + new.map(\.key).filter { oldValues[$0] == nil }
            for key in keys where newValues[key] != oldValues[key] {
                // The same lattice may lie in different places.
                if table == Section.lattice.rawValue, key == "file", lattice.geometry == other.lattice.geometry { continue }
                let text = "\(table).\(key): \(oldValues[key] ?? "—") → \(newValues[key] ?? "—")"
                differences.append(Difference(text: text, effect: effect(key)))
            }
        }
        if seed != other.seed { differences.append(Difference(text: "seed: \(other.seed) → \(seed)", effect: .results)) }
        for section in Section.allCases where sections.contains(section) {
            compare(section.rawValue, entries(of: section), other.entries(of: section)) { Self.effect(of: $0, in: section) }
            if section == .lattice, lattice.file == other.lattice.file, lattice.geometry != other.lattice.geometry {
                let text = "lattice.file: the contents of \(TOMLText.text(lattice.file)) have changed"
                differences.append(Difference(text: text, effect: .results))
            }
        }
        for name in solvers(of: sections) {
            guard let table = name.table else { continue }
            compare(table, solvers.entries(of: name), other.solvers.entries(of: name))
        }
        return differences
    }

    /// What a key of a table decides.
    private static func effect(of key: String, in section: Section) -> RecipeKeyEffect {
        switch section {
        case .training: TrainingOptions.effect(of: key)
        case .learn: LearnSettings.effect(of: key)
        case .simulate: SimulateSettings.effect(of: key)
        case .lattice, .model, .dynamics, .generate, .network, .coarsening, .compare: .results
        }
    }

    /// The SHA-256 of the given tables as canonical TOML, of the options of the solvers they name, and of the seed. The lattice
    /// counts by its geometry, not its place.
    public func fingerprint(of sections: Set<Section> = Set(Section.allCases)) -> String {
        var text = "seed = \(seed)\n"
        for section in self.sections where sections.contains(section) {
            let entries = entries(of: section).filter { section != .lattice || $0.key != "file" }
            text += "[\(section.rawValue)]\n" + entries.map { "\($0.key) = \($0.value)\n" }.joined()
            if section == .lattice { text += LatticeFile.text(of: lattice.geometry) }
        }
        for name in solvers(of: sections) {
            guard let table = name.table else { continue }
            text += "[\(table)]\n" + solvers.entries(of: name).map { "\($0.key) = \($0.value)\n" }.joined()
        }
        return Digest.sha256(of: Array(text.utf8))
    }
}
