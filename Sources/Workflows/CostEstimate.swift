import EquivariantNetworks
import Foundation
import LatticeNumerics
import Lattices

/// What the stages of a recipe will take, before they are run: within a factor of two on an idle machine.
///
/// Every solver is timed on a small lattice and scaled as its cost grows with the number of sites; the network's multiply–adds
/// are counted and divided by a rate measured with a matrix product.
public struct CostEstimate: Sendable, Equatable, Codable {
    /// One stage.
    public struct Stage: Sendable, Equatable, Codable {
        /// The name of the stage, as in `adiabat generate`.
        public let stage: String
        /// What is done how often, for people.
        public let work: String
        /// The estimated time on the clock, with the threads the estimate is for.
        public let seconds: Double
        /// The largest memory at one time, in bytes.
        public let bytes: Double
    }

    /// `generate`, `train` (or `learn`, if the recipe has that table), `simulate` (or `coarsen`, with `[coarsening]`) and `compare`,
    /// in this order; the other stages take little. Stages that cannot run (``Recipe/obstacles(to:processes:)``) are left out.
    public let stages: [Stage]

    /// All stages one after the other, in seconds.
    public var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }
    /// The memory of the stage that takes the most, in bytes.
    public var bytes: Double { stages.map(\.bytes).max() ?? 0 }

    /// Times this machine for some tenths of a second and scales what it finds to the sizes of the recipe.
    ///
    /// - Parameters:
    ///   - recipe: what would be run.
    ///   - threads: how many would run it.
    /// - Throws: what the solvers throw, and `NetworkError` or `LatticeError` for a network that cannot be built.
    public init(_ recipe: Recipe, threads: Int) throws {
        let recipe = try recipe.resolvingAccuracy(pool: WorkerPool(threads: threads))
        let run = StageName.all(of: recipe)
        let able = Set(run).subtracting(recipe.obstacles(to: run).map(\.stage))
        let sections: [(StageName, Recipe.Section)] = [
            (.generate, .generate), (.learn, .learn), (.simulate, .simulate), (.coarsen, .simulate), (.compare, .compare),
        ]
        let names = recipe.solvers(of: Set(sections.filter { able.contains($0.0) }.map(\.1)))
        let timings = try Dictionary(uniqueKeysWithValues: names.map { ($0, try SolverTiming($0, recipe)) })
        let generate = able.contains(.generate) ? Self.generate(recipe, timings[recipe.generate.solver]!, threads: threads) : nil
        guard able.contains(.train) || able.contains(.learn) else {
            let simulate = able.contains(.simulate) ? Self.simulate(recipe, timings, threads: threads) : nil
            stages = try [generate, simulate?.withAudits(of: recipe, threads: threads)].compactMap(\.self)
            return
        }
        let machine = MachineSpeed()
        let network = try recipe.network.architecture.model(on: recipe.lattice.geometry, components: .scalar)
        let train = Self.train(recipe, network, machine, threads: threads)
        let learn = recipe.learn.map { settings in
            Self.learn(recipe, settings, once: train, timings, network, machine, threads: threads)
        }
        func quench(_ recipe: Recipe) throws -> Stage {
            let stage =
                Self.simulate(recipe, timings, threads: threads)
                ?? Self.simulateLearned(recipe, network, machine, threads: threads)
            return try stage.withAudits(of: recipe, threads: threads)
        }
        let simulate =
            able.contains(.simulate)
            ? try quench(recipe) : able.contains(.coarsen) ? try Stage.coarsen(recipe, quench: quench) : nil
        let compare = able.contains(.compare) ? Self.compare(recipe, timings, network, machine, threads: threads) : nil
        stages = [generate, learn ?? train, simulate, compare].compactMap(\.self)
    }

    private static func forces(_ count: Int, _ solver: SolverName, _ sites: Int) -> String {
        "\(count) forces on \(sites) sites by \(solver.words)"
    }

    private static func generate(_ recipe: Recipe, _ timing: SolverTiming, threads: Int) -> Stage {
        let settings = recipe.generate
        let sites = recipe.supercell.siteCount
        let (steps, random) = (settings.trajectories * settings.steps, settings.randomConfigurations)
        return Stage(
            stage: "generate", work: forces(steps + random, settings.solver, sites),
            seconds: timing.seconds(count: steps, sequences: settings.trajectories, sites: sites, threads: threads)
                + timing.seconds(count: random, sequences: random, sites: sites, threads: threads),
            bytes: timing.bytes(sequences: settings.trajectories, sites: sites, threads: threads))
    }

    private static func train(_ recipe: Recipe, _ network: any ForceModel, _ machine: MachineSpeed, threads: Int) -> Stage {
        let settings = recipe.generate
        let fraction = Double(settings.validationTrajectories) / Double(settings.trajectories)
        let held = fraction + Double(settings.testTrajectories) / Double(settings.trajectories)
        let snapshots = Double(settings.trajectories * settings.steps / settings.snapshotInterval + settings.randomConfigurations)
        let sites = Double(recipe.supercell.siteCount)
        // The backward pass costs about twice the forward pass; a Jacobian by differences a forward pass for every parameter.
        let passes = recipe.training.optimizer == .adam ? 3.0 : Double(network.layout.count + 2)
        let perEpoch = snapshots * sites * (passes * (1 - held) + fraction) * Double(network.multiplyAdds)
        let multiplyAdds = perEpoch * Double(recipe.training.allEpochs * recipe.training.committee)
        let rate = machine.multiplyAdds(singlePrecision: recipe.training.precision == .float32, threads: threads)
        let configurations = Int(snapshots * (1 - held))
        return Stage(
            stage: "train",
            work: (recipe.training.committee > 1 ? "\(recipe.training.committee) times " : "")
                + "\(recipe.training.epochs) epochs of \(configurations) configurations, \(network.layout.count) parameters",
            seconds: multiplyAdds / rate, bytes: snapshots * sites * 16 + Double(network.layout.count) * 64)
    }

    /// All rounds, if no earlier one is good enough.
    ///
    /// - Parameter train: one training on the data of `generate`.
    private static func learn(
        _ recipe: Recipe, _ settings: LearnSettings, once train: Stage, _ timings: [SolverName: SolverTiming],
        _ network: any ForceModel, _ machine: MachineSpeed, threads: Int
    ) -> Stage {
        let sites = recipe.supercell(settings.size).siteCount
        let rounds = Double(settings.rounds)
        let rate = machine.multiplyAdds(singlePrecision: recipe.simulate.precision == .float32, threads: threads)
        let labels = settings.configurations + settings.audits
        var forces = settings.trajectories * settings.steps
        var seconds = 0.0
        switch settings.disagreement {
        case .committee: forces += settings.frames * recipe.training.committee
        case .solver(let name):
            seconds += timings[name]?.seconds(count: settings.frames, sequences: 1, sites: sites, threads: threads) ?? 0
        }
        seconds += Double(forces) * Double(sites) * Double(network.multiplyAdds) / rate
        seconds += timings[settings.solver]?.seconds(count: labels, sequences: labels, sites: sites, threads: threads) ?? 0
        // Half of what all rounds but the last add is there on average.
        let data = recipe.generate
        let heldOut = data.validationTrajectories + data.testTrajectories
        let snapshots = Double(data.trajectories * (data.steps / data.snapshotInterval) + data.randomConfigurations)
        let given = snapshots * (1 - Double(heldOut) / Double(data.trajectories)) * Double(recipe.supercell.siteCount)
        let added = (rounds - 1) / 2 * Double(labels * sites)
        let bytes = timings[settings.solver]?.bytes(sequences: labels, sites: sites, threads: threads) ?? 0
        return Stage(
            stage: "learn",
            work: "up to \(settings.rounds) rounds of \(train.work), \(settings.trajectories * settings.steps) learned forces on "
                + "\(sites) sites and \(labels) by \(settings.solver.words)",
            seconds: rounds * (train.seconds * (1 + added / given) + seconds),
            bytes: max(train.bytes * (1 + added / given), bytes) + fieldBytes(sites) * Double(settings.frames) / 12)
    }

    /// With the forces of a solver; nil if they are learned.
    private static func simulate(_ recipe: Recipe, _ timings: [SolverName: SolverTiming], threads: Int) -> Stage? {
        guard case .solver(let name) = recipe.simulate.forceField, let timing = timings[name] else { return nil }
        let (steps, sites) = (recipe.simulate.steps, recipe.supercell(recipe.simulate.size).siteCount)
        return Stage(
            stage: "simulate", work: forces(steps, name, sites),
            seconds: timing.seconds(count: steps, sequences: 1, sites: sites, threads: threads),
            bytes: fieldBytes(sites) + timing.bytes(sequences: 1, sites: sites, threads: threads))
    }

    private static func simulateLearned(_ recipe: Recipe, _ network: any ForceModel, _ machine: MachineSpeed, threads: Int)
        -> Stage
    {
        let settings = recipe.simulate
        let sites = recipe.supercell(settings.size).siteCount
        let rate = machine.multiplyAdds(singlePrecision: settings.precision == .float32, threads: threads)
        return Stage(
            stage: "simulate", work: "\(settings.steps) learned forces on \(sites) sites",
            seconds: Double(settings.steps) * Double(sites) * Double(network.multiplyAdds) / rate, bytes: fieldBytes(sites))
    }

    /// A dozen fields in Float64.
    private static func fieldBytes(_ sites: Int) -> Double { Double(sites) * 8 * 12 }

    /// The twins, and the dynamics that shows the non-conservative part of the learned force.
    private static func compare(
        _ recipe: Recipe, _ timings: [SolverName: SolverTiming], _ network: any ForceModel, _ machine: MachineSpeed, threads: Int
    ) -> Stage {
        let settings = recipe.compare
        let sites = recipe.supercell.siteCount
        let (learned, exact) = (NonConservativePart.steps(of: settings), NonConservativePart.exactForces(settings))
        let rate = machine.multiplyAdds(singlePrecision: false, threads: threads)
        var work = forces(exact, recipe.generate.solver, sites)
        var seconds = Double(learned) * Double(sites) * Double(network.multiplyAdds) / rate
        var bytes = 0.0
        if let timing = timings[recipe.generate.solver] {
            seconds += timing.seconds(count: exact, sequences: 1, sites: sites, threads: threads)
            bytes = timing.bytes(sequences: 1, sites: sites, threads: threads)
        }
        if settings.twinTrajectories > 0, let timing = timings[settings.solver] {
            let sites = recipe.supercell(settings.twinSize).siteCount
            let count = settings.twinTrajectories * settings.twinSteps
            work += ", \(forces(count, settings.solver, sites))"
            seconds += timing.seconds(count: count, sequences: settings.twinTrajectories, sites: sites, threads: threads)
            bytes = max(bytes, timing.bytes(sequences: settings.twinTrajectories, sites: sites, threads: threads))
        }
        return Stage(stage: "compare", work: work, seconds: seconds, bytes: bytes)
    }
}

/// What this machine does in a second, from a measurement of a few hundredths of a second.
private struct MachineSpeed {
    private static let timedMatrix = 256
    /// Of the speed of a matrix product: what the network's kernels reach with their weighted sums and gates.
    private static let networkEfficiency = 0.5

    private let multiplyAddsPerSecond: Double

    init() {
        BLAS.useOneThread()
        multiplyAddsPerSecond = Self.timeProduct()
    }

    /// Multiply–adds a second of the network on all threads.
    func multiplyAdds(singlePrecision: Bool, threads: Int) -> Double {
        multiplyAddsPerSecond * (singlePrecision ? 2 : 1) * Double(threads) * Self.networkEfficiency
    }

    private static func timeProduct() -> Double {
        let n = timedMatrix
        let a = [Double](repeating: 0.5, count: n * n)
        var c = a
        let seconds = (0..<3).map { _ in
            ContinuousClock().measure {
                Double.multiply(
                    rows: n, columns: n, inner: n, alpha: 1, a, leadingA: n, transposeA: false, a, leadingB: n, transposeB: false,
                    beta: 0, &c, leadingC: n)
            }.inSeconds
        }.min()!
        return pow(Double(n), 3) / seconds
    }
}
