import Models
import Storage
import Training

extension Recipe {
    /// A key in which two recipes differ.
    package struct Difference {
        /// Such as `generate.steps`.
        package let key: String
        /// Such as `generate.steps: 250 → 300`, the other recipe's value first.
        package let text: String
        /// What it means for work that was begun.
        package let effects: RecipeKeyEffects
    }

    /// The keys of the given tables, and the seed, in which this recipe differs from the other, in the order of the file.
    ///
    /// The options of a solver belong to the tables that name it.
    ///
    /// - Returns: lines such as `generate.steps: 250 → 300`, the other recipe's value first; empty if nothing differs.
    public func keyDifferences(from other: Recipe, sections: Set<Section> = Set(Section.allCases)) -> [String] {
        differences(from: other, sections: sections).map(\.text)
    }

    /// The same with what each of them means for work that was begun: the graver of what the key decides in the two recipes.
    package func differences(from other: Recipe, sections: Set<Section> = Set(Section.allCases)) -> [Difference] {
        var differences: [Difference] = []
        func compare(
            _ table: String, _ new: [(key: String, value: String)], _ old: [(key: String, value: String)],
            effects: (_ key: String, _ recipe: Recipe) -> RecipeKeyEffects
        ) {
            let newValues = Dictionary(uniqueKeysWithValues: new.map { ($0.key, $0.value) })
            let oldValues = Dictionary(uniqueKeysWithValues: old.map { ($0.key, $0.value) })
            // A key may be in one of the two alone, such as chemical_potential and filling.
            let keys = old.map(\.key) + new.map(\.key).filter { oldValues[$0] == nil }
            for key in keys where newValues[key] != oldValues[key] {
                // The same lattice may lie in different places.
                if table == Section.lattice.rawValue, key == "file", lattice.geometry == other.lattice.geometry { continue }
                if table == Section.model.rawValue, OnsiteSettings.isSilent(key, newValues, oldValues) { continue }
                // A table, or a network of another name, may be in one of the two alone.
                let decided =
                    (newValues[key].map { _ in [effects(key, self)] } ?? [])
                    + (oldValues[key].map { _ in [effects(key, other)] } ?? [])
                let (name, values) = ("\(table).\(key)", "\(oldValues[key] ?? "—") → \(newValues[key] ?? "—")")
                differences.append(
                    Difference(
                        key: name, text: "\(name): \(values)", effects: decided.reduce(.conduct, RecipeKeyEffects.graver)))
            }
        }
        if seed != other.seed {
            differences.append(Difference(key: "seed", text: "seed: \(other.seed) → \(seed)", effects: Self.effectsOfSeed))
        }
        for section in Section.allCases where sections.contains(section) {
            compare(section.rawValue, entries(of: section), other.entries(of: section)) { $1.effects(of: $0, in: section) }
            if section == .lattice, lattice.file == other.lattice.file, lattice.geometry != other.lattice.geometry {
                let text = "lattice.file: the contents of \(TOMLText.text(lattice.file)) have changed"
                differences.append(Difference(key: "lattice.file", text: text, effects: lattice.effects(of: "file")))
            }
        }
        for name in solvers(of: sections) {
            guard let table = name.table else { continue }
            compare(table, solvers.entries(of: name), other.solvers.entries(of: name)) { $1.effects(of: $0, solver: name) }
        }
        return differences
    }

    /// What a change from another recipe means for work that a stage has begun with it: the gravest of what its keys say.
    package func effect(ofChangeFrom other: Recipe, on stage: BegunStage) -> RecipeKeyEffect {
        differences(from: other).map { $0.effects[stage] }.reduce(.nothing, RecipeKeyEffect.graver)
    }

    /// Every key that a recipe of a lattice model can have, such as `generate.steps`; those of `[network]` with the family before the
    /// key.
    package static func keyNames(of model: any LatticeModel.Type = AdiabaticModel.catalogue[0]) -> [String] {
        func names(_ section: Section, _ keys: [String]) -> [String] { keys.map { "\(section.rawValue).\($0)" } }
        let networks = NetworkSettings.keyNames.flatMap { family, keys in keys.map { "network.\(family).\($0)" } }
        let solvers = SolverName.allCases.flatMap { name in name.options.keyNames.map { "\(name.table ?? "").\($0)" } }
        let lists = AdiabaticModel.listedParameters(of: model).compactMap(\.listKey)
        return ["seed"] + names(.lattice, LatticeSettings.keys.map(\.key)) + names(.model, AdiabaticModel.recipeKeys(of: model))
            + names(.dynamics, DynamicsSettings.keyNames) + names(.generate, GenerateSettings.keyNames + lists) + networks
            + names(.training, TrainingOptions.keyNames) + names(.learn, LearnSettings.keyNames)
            + names(.simulate, SimulateSettings.keyNames) + names(.coarsening, CoarseningSettings.keyNames)
            + names(.compare, CompareSettings.keyNames) + solvers
    }

    /// Every trajectory of the data has a seed of its own; the others go on with the noise or the order that they began with.
    static let effectsOfSeed = RecipeKeyEffects.data(
        .onward, simulate: .fixed(because: "the start and the noise of existing work are those of the former seed"))

    /// What another value of a key of this recipe means for begun work.
    package func effects(of key: String, in section: Section) -> RecipeKeyEffects {
        switch section {
        case .lattice: return lattice.effects(of: key)
        case .model:
            let effects = AdiabaticModel.effects(of: key)
            // A list of [generate] takes the place of the value in all that is made of the data.
            return generate.values(of: key).isEmpty ? effects : RecipeKeyEffects(simulate: effects.simulate)
        case .dynamics: return dynamics.effects(of: key)
        case .generate: return generate.effects(of: key)
        case .network: return network.effects(of: key)
        case .training: return training.effects(of: key)
        case .learn: return learn?.effects(of: key) ?? .conduct
        case .simulate: return simulate.effects(of: key)
        case .coarsening: return coarsening?.effects(of: key) ?? .conduct
        case .compare: return compare.effects(of: key)
        }
    }

    /// The same for an option of a solver: it decides what the tables do that name the solver.
    private func effects(of key: String, solver name: SolverName) -> RecipeKeyEffects {
        let effects = solvers[name].effects(of: key)
        func names(_ section: Section) -> Bool { solvers(of: section).contains(name) }
        return RecipeKeyEffects(
            generate: names(.generate) ? effects.generate : .nothing, train: names(.generate) ? effects.train : .nothing,
            learn: names(.generate) ? effects.train : names(.learn) ? .onward : .nothing,
            simulate: names(.simulate) ? effects.simulate : .nothing)
    }

    /// The SHA-256 of the given tables as canonical TOML, of the options of the solvers they name, and of the seed. The lattice
    /// counts by its geometry, and energies of sites by their digest, not by their place.
    public func fingerprint(of sections: Set<Section> = Set(Section.allCases)) -> String {
        fingerprint(of: sections) { _, _ in true }
    }

    /// The same of the keys for which `counts` is true.
    package func fingerprint(of sections: Set<Section>, counts: (_ section: Section, _ key: String) -> Bool) -> String {
        var text = "seed = \(seed)\n"
        for section in self.sections where sections.contains(section) {
            let entries = entries(of: section).filter { key, _ in
                !(section == .lattice && key == "file") && !(section == .model && OnsiteSettings.isPlace(key))
                    && counts(section, key)
            }
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
