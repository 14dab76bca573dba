import ForceFields
import Lattices

/// Everything known about one configuration: the electrons' state, and forces and potential of electrons and springs together.
public struct AdiabaticSolution: Sendable, Equatable {
    /// The electrons alone.
    public let state: ElectronicState
    /// The electronic part of the force, g (n_i − ½).
    public let electronicForce: SiteField
    /// The total force, F_i = g (n_i − ½) − K Q_i − κ Σ_{j nn i} Q_j.
    public let force: SiteField
    /// The total potential: Ω(Q) at fixed μ, the free energy Ω(Q) + μ·filling·N at fixed filling, elastic energy and
    /// (g/2) Σ Q_i included; nil if the solver does not compute it.
    public let potential: Double?

    /// n_i = ⟨c†_i c_i⟩.
    public var density: SiteField { state.density }
    /// μ, given or found.
    public var chemicalPotential: Double { state.chemicalPotential }
    /// Σ_i n_i.
    public var electrons: Double { state.electrons }
    /// ε_m in ascending order; nil if the solver does not compute them.
    public var eigenvalues: [Double]? { state.eigenvalues }
    /// ``ElectronicState/gap``.
    public var gap: Double? { state.gap }
}

extension ElectronicSolver {
    /// State, forces and potential at the configuration Q, from one solution of the electrons.
    ///
    /// - Throws: what ``solve(_:)`` throws.
    public func solution(at displacement: SiteField) throws -> AdiabaticSolution {
        let state = try solve(displacement)
        let electronicForce = model.electronicForce(from: state.density)
        var force = SiteField(displacement.supercell)
        let elastic = try model.elasticForceField(on: displacement.supercell)
            .computeForcesAndPotential(at: displacement, into: &force)
        for site in force.values.indices { force.values[site] += electronicForce[site] }
        let bias = model.coupling / 2 * displacement.values.reduce(0, +)
        return AdiabaticSolution(
            state: state, electronicForce: electronicForce, force: force, potential: state.potential.map { $0 + bias + elastic })
    }
}
