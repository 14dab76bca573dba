/// What electrons exchange energy and particles with: their temperature, and a chemical potential or a number of electrons.
public struct Reservoir: Parametrized, Hashable {
    /// k_BT of the electrons; 0 means the limit of zero temperature.
    public var temperature = 0.1
    /// Fixed μ or fixed filling.
    public var particles = Particles.chemicalPotential(0)

    /// What decides how many electrons there are.
    public enum Particles: Sendable, Hashable {
        /// A bath at chemical potential μ, in units of the hopping: the number of electrons fluctuates.
        case chemicalPotential(Double)
        /// No bath: filling·N electrons of one spin on N levels, strictly between 0 and 1 electron a level; μ follows from the
        /// spectrum.
        case filling(Double)
    }

    public init() {}

    /// A reservoir that ``validate()`` may find wrong.
    public init(temperature: Double, _ particles: Particles = .chemicalPotential(0)) {
        self.temperature = temperature
        self.particles = particles
    }

    /// μ if it is fixed, not found from a filling.
    public var fixedChemicalPotential: Double? { if case .chemicalPotential(let value) = particles { value } else { nil } }

    /// Whether there is a filling.
    public var isFillingFixed: Bool { fixedChemicalPotential == nil }

    public static let parameters: [ModelParameter<Self>] = [
        .init(
            "temperature", "k_BT", .energy, "the temperature of the electrons and, in the dynamics, of the heat bath",
            isElectronic: true, allowed: .from(0), \.temperature),
        .init(
            "chemical_potential", "μ", .energy, "the chemical potential of a bath of electrons; excludes `filling`",
            isElectronic: true, allowed: .finite, get: { $0.fixedChemicalPotential.map { [$0] } ?? [] },
            set: { $0.particles = .chemicalPotential($1[0]) }),
        .init(
            "filling", "ν", .number, "the occupied part of all levels, held fixed; excludes `chemical_potential`",
            isElectronic: true, allowed: .between(0, 1), isVaried: false,
            get: { if case .filling(let value) = $0.particles { [value] } else { [] } },
            set: { $0.particles = .filling($1[0]) }),
    ]

    /// - Throws: ``ModelError`` for a number that is not finite, a negative temperature, or a filling outside 0…1 or at its
    ///   ends, where no finite chemical potential exists.
    public func validate() throws {
        for parameter in Self.parameters where !parameter.get(self).isEmpty {
            try parameter.statement.allowed.require(parameter.statement.key, parameter.get(self))
        }
    }
}
