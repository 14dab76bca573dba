import ForceFields
import Lattices

/// The electronic part of the Holstein forces, F_i = g (n_i − ½), from any solver; the part that networks learn.
///
/// The elastic part is ``HolsteinModel/elasticForceField(on:)``. With a ``PotentialSolver`` it is conservative, with the
/// potential ``ElectronicState/potential`` + (g/2) Σ Q_i.
public struct HolsteinForceField<Solver: ElectronicSolver>: ForceField {
    /// Whose densities the forces are made of.
    public let solver: Solver

    /// The forces of this solver's electrons, for its model's coupling g.
    public init(_ solver: Solver) {
        self.solver = solver
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces = solver.model.electronicForce(from: try solver.solve(displacement).density)
    }
}

extension HolsteinForceField: ConservativeForceField where Solver: PotentialSolver {
    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        let (state, potential) = try solver.solveWithPotential(displacement)
        forces = solver.model.electronicForce(from: state.density)
        return potential + solver.model.coupling / 2 * displacement.values.reduce(0, +)
    }
}
