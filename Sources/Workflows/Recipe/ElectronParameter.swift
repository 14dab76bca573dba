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
    func value(in model: HolsteinModel) -> Double? {
        switch self {
        case .temperature: return model.temperature
        case .coupling: return model.coupling
        case .chemicalPotential:
            guard case .chemicalPotential(let value) = model.reservoir else { return nil }
            return value
        }
    }
}

extension HolsteinModel {
    /// The same lattice and elastic constants with other electrons; what is nil stays.
    ///
    /// - Throws: `ModelError` for a value that is not allowed.
    func with(temperature: Double? = nil, coupling: Double? = nil, chemicalPotential: Double? = nil) throws -> HolsteinModel {
        try HolsteinModel(
            hopping: hopping, coupling: coupling ?? self.coupling, stiffness: stiffness, neighborStiffness: neighborStiffness,
            temperature: temperature ?? self.temperature,
            reservoir: chemicalPotential.map(Reservoir.chemicalPotential) ?? reservoir)
    }

    /// Such as `k_BT = 0.1, g = 3.5, μ = 0.0`, with those of the parameters that are asked for.
    func text(of parameters: [ElectronParameter]) -> String {
        parameters.map { parameter in
            let symbol =
                switch parameter {
                case .temperature: "k_BT"
                case .coupling: "g"
                case .chemicalPotential: "μ"
                }
            return "\(symbol) = " + (parameter.value(in: self).map { TOMLText.text($0) } ?? "—")
        }.joined(separator: ", ")
    }
}
