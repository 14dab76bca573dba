import Dynamics
import ElectronicStructure
import Foundation
import LatticeNumerics
import Lattices

/// What solutions by one solver take on this machine: timed on a small hot configuration of the recipe and scaled.
struct SolverTiming {
    private let name: SolverName
    private let options: any SolverOptions
    private let timedSites: Int
    /// Of one solution on one thread.
    private let timedSeconds: Double

    /// - Throws: what the solver throws.
    init(_ name: SolverName, _ recipe: Recipe) throws {
        self.name = name
        options = recipe.solvers[name]
        let supercell = recipe.supercell(recipe.size(ofAtMost: name.options.timedSites))
        timedSites = supercell.siteCount
        let displacement = try HotStart(
            displacementVariance: recipe.dynamics.initialDisplacementVariance,
            velocityVariance: recipe.dynamics.initialVelocityVariance, seed: recipe.seed(of: .probe)
        ).displacement(on: supercell)
        let solver = name.solver(recipe.model, settings: recipe.solvers)
        timedSeconds = try (0..<3).map { _ in try ContinuousClock().measure { _ = try solver.solve(displacement) }.inSeconds }
            .min()!
    }

    /// Seconds of `count` solutions in independent sequences, in each of which one solution follows the other.
    func seconds(count: Int, sequences: Int, sites: Int, threads: Int) -> Double {
        guard count > 0, sequences > 0 else { return 0 }
        let share = ThreadShare(pieces: sequences, solver: name, pool: WorkerPool(threads: threads))
        let each = timedSeconds * pow(Double(sites) / Double(timedSites), name.options.costExponent)
        // The last sequences may leave threads idle.
        let rounds = (sequences + share.pieces.threads - 1) / share.pieces.threads
        return each * Double(count) / Double(sequences) * Double(rounds) / Double(share.solution.threads)
    }

    /// Bytes of the sequences that run at the same time.
    func bytes(sequences: Int, sites: Int, threads: Int) -> Double {
        let share = ThreadShare(pieces: sequences, solver: name, pool: WorkerPool(threads: threads))
        return options.bytes(sites: sites) * Double(max(1, min(share.pieces.threads, sequences)))
    }
}
