import Lattices
import Models

/// `[model]`: how the table is read into a model and written from one. Its keys are the parameters that the model states.
extension AdiabaticModel {
    /// What the data say of every trajectory besides its parameters.
    static let takenColumns = ["kind", "split", "seed", "recipe"]

    /// - Parameters:
    ///   - lattice: that has to have the bonds that the model needs; nil if the model is not used on any.
    ///   - seed: of the recipe, to which random energies of sites belong.
    /// - Throws: ``RecipeError`` for a wrong or unknown key, for both of `chemical_potential` and `filling`, and for bonds that the
    ///   lattice does not have.
    package init(_ reader: TableReader, on lattice: Lattice?, seed: UInt64) throws {
        let models = Self.catalogue
        let name = try reader.text("name") ?? models[0].name
        guard let type = models.first(where: { $0.name == name }) else {
            throw reader.unknownName("name", name, allowed: models.map { $0.name })
        }
        let parameters = Self.parameters(of: type)
        try reader.refuseKeys(except: Self.recipeKeys(of: type))
        for parameter in Self.listedParameters(of: type)
        where GenerateSettings.keyNames.contains(parameter.listKey!) || Self.takenColumns.contains(parameter.key) {
            throw reader.error(
                "name", "'\(name)' has a parameter '\(parameter.key)', a name that the data need for something else")
        }
        do {
            var model = try AdiabaticModel(type.init(), Reservoir())
            var given: [(key: String, value: Double)] = []
            for parameter in parameters {
                guard let values = try reader.values(of: parameter) else { continue }
                model = try model.with(parameter.key, values)
                if let other = given.first(where: { model[$0.key] == nil }) {
                    throw reader.error(
                        parameter.key,
                        "\(values[0]) is given beside \(other.key) = \(other.value); only one of the two is allowed")
                }
                given.append((parameter.key, values[0]))
            }
            if let lattice {
                do { try model.variable.kind.validate(on: lattice) } catch let error as LatticeError {
                    throw ModelError(key: "name", problem: "'\(name)': \(error.problem)")
                }
                try model.hamiltonian.validateBonds(of: lattice)
            }
            self = try OnsiteSettings.model(model, reader, on: lattice, seed: seed)
        } catch let error as ModelError {
            throw reader.error(error.key, error.problem)
        }
    }

    /// The keys of a lattice model's table.
    static func recipeKeys(of type: any LatticeModel.Type) -> [String] {
        ["name"] + parameters(of: type).map(\.key) + OnsiteSettings.keys(of: type)
    }

    /// What another value of a key means for begun work.
    static func effects(of key: String) -> RecipeKeyEffects {
        let other = RecipeKeyEffect.fixed(because: "existing work is of the former model")
        return key == "name" ? .data(other, simulate: other) : .data(.onward, simulate: .onward)
    }

    /// Keys and values as canonical TOML.
    var entries: [(key: String, value: String)] {
        [("name", TOMLText.text(name))]
            + zip(parameters, values).filter { !$1.isEmpty }.map { parameter, values in
                let text =
                    switch parameter.allowed {
                    case .wholeNumber: TOMLText.text(Int(values[0]))
                    case _ where values.count == 1: TOMLText.text(values[0])
                    default: TOMLText.text(values)
                    }
                return (parameter.key, text)
            } + OnsiteSettings.entries(self)
    }

    /// The parameters of the electrons, which a network has learned, in which `other` differs from this model.
    ///
    /// - Parameter ignored: keys that do not count.
    package func electronicDifferences(from other: AdiabaticModel, ignoring ignored: Set<String> = []) -> [String] {
        let elastic = parameters.filter { !$0.isElectronic }.map(\.key)
        // What belongs to a file stands last.
        return zip(entries, other.entries).filter {
            $0 != $1 && !elastic.contains($0.key) && !OnsiteSettings.keys.contains($0.key)
                && !($0.key == $1.key && ignored.contains($0.key))
        }
        .map { "\($0.key) = \($0.value), the recipe's \($1.key) = \($1.value)" } + OnsiteSettings.differences(self, from: other)
    }

    /// Such as `k_BT = 0.1, g = 3.5, μ = 0.0`, with those of the parameters that are asked for.
    package func text(of parameters: [Parameter]) -> String {
        parameters.map { "\($0.symbol) = \(Self.text(self[$0.key]))" }.joined(separator: ", ")
    }

    /// A value that may not be given.
    package static func text(_ value: Double?) -> String { value.map { TOMLText.text($0) } ?? "—" }
}
