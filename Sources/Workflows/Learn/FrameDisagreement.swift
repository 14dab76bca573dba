import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices

/// How far a learned force is not to be trusted on the sites of a configuration, without its exact force.
final class FrameDisagreement {
    private let recipe: Recipe
    private let source: LearnSettings.Disagreement
    private let forces: CommitteeForces
    private let pool: WorkerPool

    init(_ recipe: Recipe, source: LearnSettings.Disagreement, forces: CommitteeForces, pool: WorkerPool) {
        self.recipe = recipe
        self.source = source
        self.forces = forces
        self.pool = pool
    }

    /// The calibrated spread of the committee, or the difference from the solver, on every site.
    ///
    /// - Throws: what the force and the solver throw.
    func disagreement(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        switch source {
        case .committee: return try forces.uncertainty(at: displacement, for: electrons)
        case .solver(let name):
            let other = try recipe.solver(name, for: electrons, pool: pool).forces(at: displacement)
            var difference = try forces.force(at: displacement, for: electrons)
            for k in difference.values.indices { difference.values[k] = abs(difference.values[k] - other.values[k]) }
            return difference
        }
    }
}
