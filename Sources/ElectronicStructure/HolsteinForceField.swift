import ForceFields
import Lattices

/// The quantity that is computed from a solver's densities n_i.
enum ElectronicQuantity: Sendable {
    /// The electronic part of the force, g (n_i − ½).
    case force
    /// n_i itself.
    case density
}

/// Electronic forces that are made of densities.
public protocol DensityForceField: ForceField {
    /// The densities n_i in place of the forces g (n_i − ½), which do not determine them if g = 0.
    var densities: any ForceField { get }
}

/// A force field whose values are the densities of a solver.
private struct Densities<Solver: ElectronicSolver>: ForceField {
    let solver: Solver

    func computeForces(at displacement: SiteField, into densities: inout SiteField) throws {
        densities = try solver.solve(displacement).density
    }
}

/// The electronic part of the Holstein forces, F_i = g (n_i − ½), from any solver; the part that networks learn.
///
/// The elastic part is ``HolsteinModel/elasticForceField(on:)``. With a ``PotentialSolver`` it is conservative, with the
/// potential ``ElectronicState/potential`` + (g/2) Σ Q_i.
public struct HolsteinForceField<Solver: ElectronicSolver>: DensityForceField {
    /// Whose densities the forces are made of.
    public let solver: Solver

    /// The forces of this solver's electrons, for its model's coupling g.
    public init(_ solver: Solver) {
        self.solver = solver
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces = solver.model.electronicForce(from: try solver.solve(displacement).density)
    }

    public var densities: any ForceField { Densities(solver: solver) }

    public func atStep(_ step: Int, seed: UInt64) -> Self { Self(solver.atStep(step, seed: seed)) }
}

extension HolsteinForceField: TiledForceField where Solver == LocalDiagonalization {
    public var blockSide: Int { solver.options.core }
    public var tiling: BlockTiling { solver.options.tiling }

    public func tiled(_ tiling: BlockTiling) -> Self { Self(solver.tiled(tiling)) }
}

extension HolsteinForceField: ConservativeForceField where Solver: PotentialSolver {
    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        let (state, potential) = try solver.solveWithPotential(displacement)
        forces = solver.model.electronicForce(from: state.density)
        return potential + solver.model.coupling / 2 * displacement.values.reduce(0, +)
    }
}
