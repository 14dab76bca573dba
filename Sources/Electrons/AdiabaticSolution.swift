import ForceFields
import Lattices

/// Everything known about one configuration: the electrons' state, and forces and potential of electrons and the classical part together.
public struct AdiabaticSolution: Sendable, Equatable {
    /// The electrons alone.
    public let state: ElectronicState
    /// The electronic part of the force.
    public let electronicForce: SiteField
    /// The total force.
    public let force: SiteField
    /// The total potential: Ω(x) at fixed μ, the free energy Ω(x) + D μ·filling·N at fixed filling, background and classical part
    /// included; nil if the solver does not compute it.
    public let potential: Double?

    /// n_i = ⟨c†_i c_i⟩ of one spin.
    public var density: SiteField { SiteField(force.supercell, values: state.density.values) }
    /// μ, given or found.
    public var chemicalPotential: Double { state.chemicalPotential }
    /// Σ_i n_i.
    public var electrons: Double { state.electrons }
    /// ε_m in ascending order; nil if the solver does not compute them.
    public var eigenvalues: [Double]? { state.eigenvalues }
    /// ``ElectronicState/gap``.
    public var gap: Double? { state.gap }
}
