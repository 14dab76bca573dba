import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices

/// How far a learned force is not to be trusted on the sites of a configuration, without its exact force.
final class FrameDisagreement {
    private let recipe: Recipe
    private let source: LearnSettings.Disagreement
    private let forces: UncertainForces
    private let pool: WorkerPool

    init(_ recipe: Recipe, source: LearnSettings.Disagreement, forces: UncertainForces, pool: WorkerPool) {
        self.recipe = recipe
        self.source = source
        self.forces = forces
        self.pool = pool
    }

    /// The error that the force itself expects, or its difference from the solver, on every site.
    ///
    /// - Throws: what the force and the solver throw.
    func disagreement(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        switch source {
        case .uncertainty: return try forces.uncertainty(at: displacement, for: electrons)
        case .solver(let name):
            let other = try recipe.solver(name, for: electrons, pool: pool).forces(at: displacement)
            var difference = try forces.force(at: displacement, for: electrons)
            for k in difference.values.indices { difference.values[k] = abs(difference.values[k] - other.values[k]) }
            return difference
        }
    }
}
