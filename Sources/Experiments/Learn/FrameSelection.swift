import ForceFields
import LatticeNumerics
import Lattices
import Models
import Recipes

/// Which configurations of a round are solved exactly, as written to `selection.json`.
package struct FrameSelection: Sendable, Equatable, Codable {
    /// Why a configuration was chosen.
    package enum Purpose: String, Sendable, Codable {
        /// For its disagreement.
        case picked
        /// For the audit.
        case audit
    }

    /// A configuration of the learned dynamics.
    package struct Frame: Sendable, Equatable, Codable {
        /// The trajectory it belongs to, counted from 0.
        package let trajectory: Int
        /// Time steps since the hot start.
        package let step: Int
        /// Root mean square disagreement over its sites, in units of the hopping.
        package let disagreement: Double
        /// The largest disagreement on a site.
        package let largestDisagreement: Double
        /// Nil if it is not solved.
        package var purpose: Purpose?

        package init(
            trajectory: Int, step: Int, disagreement: Double, largestDisagreement: Double, purpose: Purpose? = nil
        ) {
            self.trajectory = trajectory
            self.step = step
            self.disagreement = disagreement
            self.largestDisagreement = largestDisagreement
            self.purpose = purpose
        }
    }

    /// Trajectory after trajectory, each in the order of time.
    package private(set) var frames: [Frame]

    /// Chooses the configurations of a round.
    ///
    /// Those of the audit lie evenly among all. Of the others the one with the largest disagreement is picked, then the next that
    /// is not too near in time to one of the same trajectory, and so on; the least distance is halved whenever none is left.
    ///
    /// - Parameters:
    ///   - frames: at least one; trajectory after trajectory, each in the order of time.
    ///   - picked: how many are picked, if there are so many.
    ///   - audits: how many are audited, if there are so many.
    package init(_ frames: [Frame], picked: Int, audits: Int) {
        self.frames = frames
        let count = frames.count
        for k in 0..<min(audits, count) { self.frames[(2 * k + 1) * count / (2 * min(audits, count))].purpose = .audit }
        let order = frames.indices.sorted {
            (frames[$0].disagreement, -$0) > (frames[$1].disagreement, -$1)
        }
        var chosen: [Int] = []
        var distance = max(1, count / max(1, 2 * picked))
        while distance >= 1, chosen.count < picked {
            for index in order where chosen.count < picked && self.frames[index].purpose == nil {
                let isFar = chosen.allSatisfy {
                    frames[$0].trajectory != frames[index].trajectory || abs($0 - index) >= distance
                }
                guard isFar else { continue }
                chosen.append(index)
                self.frames[index].purpose = .picked
            }
            distance /= 2
        }
    }

    /// Places of the chosen frames among all.
    package var chosen: [Int] { frames.indices.filter { frames[$0].purpose != nil } }
}

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
