import ElectronicStructure
import Lattices

/// `[model]`: how the table is read into an ``AdiabaticModel`` and written from one. Keys are the parameters that the models state.
enum ModelSettings {
    /// Names of `model.name`.
    static var names: [String] { AdiabaticModel.catalogue.map { $0.name } }
    /// The keys and what another value means for begun work.
    static var keys: [(key: String, effects: RecipeKeyEffects)] {
        let parameters = AdiabaticModel.catalogue.flatMap { AdiabaticModel.parameters(of: $0).map(\.key) }
        let all = parameters + ["temperature", "chemical_potential", "filling"]
        let distinct = all.enumerated().filter { all.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        return [("name", .data(other, simulate: other))] + distinct.map { ($0, changing) }
    }
    private static let other = RecipeKeyEffect.fixed(because: "existing work is of the former model")
    private static let changing = RecipeKeyEffects.data(.onward, simulate: .onward)

    static func effects(of key: String) -> RecipeKeyEffects { keys.first { $0.key == key }!.effects }

    /// - Parameter lattice: that has to have the bonds that the model needs; nil if the model is not used on any.
    /// - Throws: ``RecipeError`` for a wrong or unknown key, both of `chemical_potential` and `filling`, and for bonds that the lattice
    ///   does not have.
    static func model(_ reader: TableReader, on lattice: Lattice?) throws -> AdiabaticModel {
        let names = names
        let name = try reader.text("name") ?? names[0]
        guard let type = AdiabaticModel.catalogue.first(where: { $0.name == name }) else {
            throw reader.unknownName("name", name, allowed: names)
        }
        let parameters = AdiabaticModel.parameters(of: type)
        try reader.refuseKeys(except: ["name"] + parameters.map(\.key) + ["temperature", "chemical_potential", "filling"])
        do {
            var model = try AdiabaticModel(type.init(), reservoir(reader))
            for parameter in parameters {
                let value =
                    switch parameter.allowed {
                    case .finite: try reader.number(parameter.key, allowed: .finite).map { [$0] }
                    case .wholeNumber(let range): try reader.integer(parameter.key, allowed: range).map { [Double($0)] }
                    case .byShell: try reader.numberOrNumbers(parameter.key, allowed: .finite)
                    }
                if let value { model = try model.with(parameter.key, value) }
            }
            if let lattice { try model.hamiltonian.validateBonds(of: lattice) }
            return model
        } catch let error as ModelError {
            throw reader.error(error.key, error.problem)
        }
    }

    static func entries(_ model: AdiabaticModel) -> [(key: String, value: String)] {
        let particles =
            switch model.reservoir.particles {
            case .chemicalPotential(let value): ("chemical_potential", TOMLText.text(value))
            case .filling(let value): ("filling", TOMLText.text(value))
            }
        return [("name", TOMLText.text(model.name))]
            + zip(model.parameters, model.values).map { parameter, values in
                switch parameter.allowed {
                case .wholeNumber: (parameter.key, TOMLText.text(Int(values[0])))
                case .finite, .byShell: (parameter.key, values.count == 1 ? TOMLText.text(values[0]) : TOMLText.text(values))
                }
            }
            + [("temperature", TOMLText.text(model.temperature)), particles]
    }

    private static func reservoir(_ reader: TableReader) throws -> Reservoir {
        let temperature = try reader.number("temperature", allowed: .nonNegative) ?? 0.1
        let chemicalPotential = try reader.number("chemical_potential", allowed: .finite)
        let filling = try reader.number("filling", allowed: .between(0, 1))
        switch (chemicalPotential, filling) {
        case (let chemicalPotential?, let filling?):
            throw reader.error(
                "filling",
                "\(filling) is given beside chemical_potential = \(chemicalPotential); only one of the two is allowed")
        case (let chemicalPotential?, nil): return Reservoir(temperature: temperature, .chemicalPotential(chemicalPotential))
        case (nil, let filling?): return Reservoir(temperature: temperature, .filling(filling))
        case (nil, nil): return Reservoir(temperature: temperature)
        }
    }
}
