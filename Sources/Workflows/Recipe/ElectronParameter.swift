import ElectronicStructure

/// A parameter of the electrons that the data may vary, and that a network may depend on.
public enum ElectronParameter: String, Sendable, CaseIterable {
    /// k_BT.
    case temperature
    /// g.
    case coupling
    /// μ.
    case chemicalPotential = "chemical_potential"

    /// The key of its list in `[generate]`.
    var listKey: String {
        switch self {
        case .temperature: "temperatures"
        case .coupling: "couplings"
        case .chemicalPotential: "chemical_potentials"
        }
    }

    /// Its value in a model; nil at fixed filling, where the chemical potential is not given.
    func value(in model: AdiabaticModel) -> Double? { model[rawValue] }
}

extension AdiabaticModel {
    /// The same model with other values of parameters; what is nil stays.
    ///
    /// - Throws: `ModelError` for a value that is not allowed.
    func with(_ values: [ElectronParameter: Double?]) throws -> AdiabaticModel {
        try values.reduce(self) { model, item in try item.value.map { try model.with(item.key.rawValue, $0) } ?? model }
    }

    /// Such as `k_BT = 0.1, g = 3.5, μ = 0.0`, with those of the parameters that are asked for.
    func text(of parameters: [ElectronParameter]) -> String {
        parameters.map { parameter in
            "\(symbol(of: parameter.rawValue)) = " + (parameter.value(in: self).map { TOMLText.text($0) } ?? "—")
        }.joined(separator: ", ")
    }
}
