/// What electrons exchange energy and particles with: their temperature, and a chemical potential or a number of electrons.
public struct Reservoir: Sendable, Hashable {
    /// k_BT of the electrons; 0 means the limit of zero temperature.
    public var temperature: Double
    /// Fixed μ or fixed filling.
    public var particles: Particles

    /// What decides how many electrons there are.
    public enum Particles: Sendable, Hashable {
        /// A bath at chemical potential μ, in units of the hopping: the number of electrons fluctuates.
        case chemicalPotential(Double)
        /// No bath: filling·N electrons of one spin on N levels, strictly between 0 and 1 electron a level; μ follows from the
        /// spectrum.
        case filling(Double)
    }

    /// A reservoir that ``validate()`` may find wrong.
    public init(temperature: Double, _ particles: Particles = .chemicalPotential(0)) {
        self.temperature = temperature
        self.particles = particles
    }

    /// μ if it is fixed, not found from a filling.
    public var fixedChemicalPotential: Double? { if case .chemicalPotential(let value) = particles { value } else { nil } }

    /// Whether there is a filling.
    public var isFillingFixed: Bool { fixedChemicalPotential == nil }

    /// - Throws: ``ModelError`` for a number that is not finite, a negative temperature, or a filling outside 0…1 or at its
    ///   ends, where no finite chemical potential exists.
    public func validate() throws {
        try ModelError.requireFinite("temperature", temperature)
        guard temperature >= 0 else { throw ModelError(key: "temperature", problem: "\(temperature); k_BT ≥ 0 is needed") }
        switch particles {
        case .chemicalPotential(let value): try ModelError.requireFinite("chemical_potential", value)
        case .filling(let value):
            guard value > 0, value < 1 else {
                throw ModelError(key: "filling", problem: "\(value); more than 0 and less than 1 electron a site is needed")
            }
        }
    }
}
