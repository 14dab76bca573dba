import Dynamics
import Electrons
import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Pipeline
import Recipes
import Reports
import Runs
import Synchronization

/// The effect of moving the blocks of a learned force: runs that differ only in the tiling, beside the exact run.
struct TilingStudy {
    /// Steps at which a run is compared with the exact one.
    static let steps = [200, 400, 600]
    /// Of the runs at constant energy, which begin where the exact ones end, and exact energies along the way.
    private static let (energySteps, energies) = (400, 40)

    /// What one start shows of one tiling.
    private struct Run: Sendable {
        /// Mean square of the error of the force on the configurations of the exact run.
        var squaredError = 0.0
        /// Mean square of Q − Q_exact at ``TilingStudy/steps``.
        var divergence: [Double] = []
        /// Of the exact energy per site and unit of time, without a heat bath.
        var drift = 0.0
    }

    private let name: String
    private let timeStep: Double
    /// [tiling][start].
    private let runs: [BlockTiling: [Run]]
    /// CPU time of a step with sampled blocks divided by that with fixed blocks, pair by pair, by the side of the lattice.
    private let costs: [(side: Int, ratios: [Double])]

    /// - Parameters:
    ///   - model: with blocks.
    ///   - side: of the lattice of the runs.
    ///   - starts: exact runs from so many hot starts.
    ///   - costSides: of the lattices on which steps are timed.
    ///   - pairs: of timings of sampled and of fixed blocks.
    init(
        _ recipe: BenchmarkRecipe, _ model: TrainedModel, side: Int, starts: Int, costSides: [Int], pairs: Int, pool: WorkerPool
    ) throws {
        name = recipe.name
        timeStep = recipe.recipe.dynamics.timeStep
        let found = Mutex([[BlockTiling: Run]](repeating: [:], count: starts))
        try pool.tryForEach(count: starts) { index, _ in
            let runs = try Self.runs(recipe.recipe, model, side: side, seed: recipe.recipe.seed &+ 0x71e5 &+ UInt64(index))
            found.withLock { $0[index] = runs }
            StandardError.print("\(recipe.name): start \(index + 1) of \(starts)")
        }
        let all = found.withLock { $0 }
        runs = Dictionary(uniqueKeysWithValues: BlockTiling.allCases.map { tiling in (tiling, all.map { $0[tiling]! }) })
        costs = try costSides.map { side in
            StandardError.print("\(recipe.name): steps on \(side)² sites")
            return (side, try Self.costRatios(recipe, model, side: side, pairs: pairs))
        }
    }

    private static func field(
        _ recipe: Recipe, _ model: TrainedModel, _ tiling: BlockTiling, on supercell: Supercell
    ) throws -> (electronic: any ForceField, total: any ForceField) {
        let learned = try model.forceField(
            on: supercell, conditions: recipe.model, singlePrecision: true, tiling: tiling, pool: WorkerPool(threads: 1))
        return (learned, AdiabaticForceField(learned: learned, model: recipe.model, on: supercell).total)
    }

    private static func runs(_ recipe: Recipe, _ model: TrainedModel, side: Int, seed: UInt64) throws -> [BlockTiling: Run] {
        let supercell = try Supercell(recipe.lattice.geometry, size: [side, side])
        let (dynamics, solver) = (recipe.dynamics, ElectronicForceField(recipe.model, SelectedInversion()))
        let exact = AdiabaticForceField(solver, on: supercell).total
        func states(_ forceField: any ForceField) throws -> [PhaseSpaceState] {
            try recipe.quench(forceField, on: supercell, seed: seed, steps: steps)
        }
        func meanSquare(_ a: SiteField, _ b: SiteField) -> Double {
            zip(a.values, b.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(a.values.count)
        }
        let reference = try states(exact)
        let forces = try reference.map { try solver.forces(at: $0.displacement) }
        guard let potential = exact as? any ConservativeForceField, let last = reference.last else {
            preconditionFailure("exact forces have a potential")
        }
        let energy = EnergyDrift(potential: potential, timeStep: dynamics.timeStep, mass: dynamics.mass)
        return try Dictionary(
            uniqueKeysWithValues: BlockTiling.allCases.map { tiling in
                // Outside of dynamics sampled blocks are averaged over; what a step has is one of the offsets, as fixed ones are.
                let (electronic, total) = try field(recipe, model, tiling, on: supercell)
                let errors = try zip(reference, forces).enumerated().map { index, pair in
                    meanSquare(try electronic.atStep(steps[index], seed: seed).forces(at: pair.0.displacement), pair.1)
                }
                return (
                    tiling,
                    Run(
                        squaredError: errors.reduce(0, +) / Double(errors.count),
                        divergence: try zip(states(total), reference).map { meanSquare($0.displacement, $1.displacement) },
                        drift: try energy.run(
                            total, displacement: last.displacement, velocity: last.velocity, steps: energySteps,
                            samples: energies
                        ).drift)
                )
            })
    }

    /// Fixed and sampled blocks by turns, on one thread, each for two periods of offsets.
    private static func costRatios(_ recipe: BenchmarkRecipe, _ model: TrainedModel, side: Int, pairs: Int) throws -> [Double] {
        let (settings, dynamics) = (recipe.recipe, recipe.recipe.dynamics)
        let start = try recipe.configuration(side: side)
        let integrator = try dynamics.integrator.make(
            timeStep: dynamics.timeStep, mass: dynamics.mass, damping: dynamics.damping, temperature: settings.model.temperature,
            seed: settings.seed)
        let fields = try [BlockTiling.fixed, .sampled].map { try field(settings, model, $0, on: start.supercell) }
        let blockSide = (fields[0].electronic as? any TiledForceField)?.blockSide ?? 1
        let steps = 2 * blockSide * blockSide
        var simulations = try fields.map { forces in
            let state = try PhaseSpaceState(
                displacement: start, velocity: SiteField(start.supercell), forceField: forces.total, seed: settings.seed)
            return (simulation: Simulation(integrator: integrator, forceField: forces.total), state: state)
        }
        func seconds(_ index: Int) throws -> Double {
            let before = Measurement.processorTime()
            _ = try simulations[index].simulation.run(&simulations[index].state, to: simulations[index].state.step + steps)
            return Measurement.processorTime() - before
        }
        for index in 0..<2 { _ = try seconds(index) }
        return try (0..<pairs).map { pair in
            // Which of the two comes first alternates.
            let first = try seconds(pair % 2)
            let second = try seconds(1 - pair % 2)
            return pair % 2 == 0 ? second / first : first / second
        }
    }

    // MARK: Tables

    /// The root of the mean over starts of a square.
    private func rootMeanSquare(_ tiling: BlockTiling, _ square: (Run) -> Double) -> Double {
        let squares = runs[tiling]!.map(square)
        return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }

    /// ``rootMeanSquare(_:_:)`` divided by that of fixed blocks, with its standard error by the jackknife over starts.
    private func ratio(_ tiling: BlockTiling, _ square: (Run) -> Double) -> String {
        let squares = zip(runs[tiling]!, runs[.fixed]!).map { [square($0), square($1)] }
        let error = Estimate.jackknife(squares) { ($0[0] / $0[1]).squareRoot() }.standardError
        return String(format: "%.2f ± %.2f", rootMeanSquare(tiling, square) / rootMeanSquare(.fixed, square), error)
    }

    /// Markdown: a row for each tiling, and a line for the cost on each lattice.
    var markdown: String {
        let times = Self.steps.map { String(format: "t = %g", Double($0) * timeStep) }
        let heading = """
            ### Tiling: \(name)

            | blocks | force error, rms | \(times.map { "divergence at \($0)" }.joined(separator: " | ")) | of fixed | energy drift, rms |
            |---|---|\(String(repeating: "---|", count: times.count))---|---|
            """
        let rows = BlockTiling.allCases.map { tiling in
            let divergences = Self.steps.indices.map { index in
                String(format: "%.2e", rootMeanSquare(tiling) { $0.divergence[index] })
            }
            return "| \(tiling.rawValue) | \(String(format: "%.2e", rootMeanSquare(tiling, \.squaredError))) | "
                + divergences.joined(separator: " | ") + " | "
                + (tiling == .fixed ? "1" : ratio(tiling) { $0.divergence.last! }) + " | "
                + String(format: "%.1e", rootMeanSquare(tiling) { $0.drift * $0.drift }) + " |"
        }
        let lines = costs.map { side, ratios in
            let sorted = ratios.sorted()
            return String(
                format: "A step on %d² sites takes %.3f times the time with fixed blocks (quartiles %.3f and %.3f of %d pairs).",
                side, sorted[sorted.count / 2], sorted[sorted.count / 4], sorted[3 * sorted.count / 4], sorted.count)
        }
        return ([heading] + rows + [""] + lines).joined(separator: "\n") + "\n"
    }
}
