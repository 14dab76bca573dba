import ElectronicStructure

/// `[model]`: how the table is read into a ``HolsteinModel`` and written from one.
enum ModelSettings {
    /// Names of `model.name`.
    static let names = ["holstein"]
    /// The keys and what another value means for begun work.
    static let keys: KeyValuePairs<String, RecipeKeyEffects> = [
        "name": .data(other, simulate: other), "hopping": changing, "coupling": changing, "stiffness": changing,
        "neighbor_stiffness": changing, "temperature": changing, "chemical_potential": changing, "filling": changing,
    ]
    private static let other = RecipeKeyEffect.fixed(because: "existing work is of the former model")
    private static let changing = RecipeKeyEffects.data(.onward, simulate: .onward)

    static func effects(of key: String) -> RecipeKeyEffects { keys.first { $0.key == key }!.value }

    /// - Throws: ``RecipeError`` for a wrong or unknown key, or both of `chemical_potential` and `filling`.
    static func model(_ reader: TableReader) throws -> HolsteinModel {
        try reader.refuseKeys(except: keys.map(\.key))
        if let name = try reader.text("name"), !names.contains(name) {
            throw reader.unknownName("name", name, allowed: names)
        }
        do {
            return try HolsteinModel(
                hopping: reader.number("hopping", allowed: .finite) ?? 1,
                coupling: reader.number("coupling", allowed: .finite) ?? 3.5,
                stiffness: reader.number("stiffness", allowed: .finite) ?? 1,
                neighborStiffness: reader.number("neighbor_stiffness", allowed: .finite) ?? 0.18,
                temperature: reader.number("temperature", allowed: .nonNegative) ?? 0.1,
                reservoir: reservoir(reader))
        } catch let error as ModelError {
            throw reader.error(error.key, error.problem)
        }
    }

    static func entries(_ model: HolsteinModel) -> [(key: String, value: String)] {
        let reservoir =
            switch model.reservoir {
            case .chemicalPotential(let value): ("chemical_potential", TOMLText.text(value))
            case .filling(let value): ("filling", TOMLText.text(value))
            }
        return [
            ("name", TOMLText.text("holstein")),
            ("hopping", TOMLText.text(model.hopping)),
            ("coupling", TOMLText.text(model.coupling)),
            ("stiffness", TOMLText.text(model.stiffness)),
            ("neighbor_stiffness", TOMLText.text(model.neighborStiffness)),
            ("temperature", TOMLText.text(model.temperature)),
            reservoir,
        ]
    }

    private static func reservoir(_ reader: TableReader) throws -> Reservoir {
        let chemicalPotential = try reader.number("chemical_potential", allowed: .finite)
        let filling = try reader.number("filling", allowed: .between(0, 1))
        switch (chemicalPotential, filling) {
        case (let chemicalPotential?, let filling?):
            throw reader.error(
                "filling",
                "\(filling) is given beside chemical_potential = \(chemicalPotential); only one of the two is allowed")
        case (let chemicalPotential?, nil): return .chemicalPotential(chemicalPotential)
        case (nil, let filling?): return .filling(filling)
        case (nil, nil): return .chemicalPotential(0)
        }
    }
}
