import Electrons
import Experiments
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Recipes
import Reports
import Runs
import Training

/// What the stages of a recipe will take, before they are run: meant to hold within a factor of two on an idle machine.
///
/// What is done how often follows from the recipe; what it takes is measured on the real thing for a moment.
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

    /// Those of a run, ``StageName/all(of:)``, but for those that cannot run (``Recipe/obstacles(to:processes:)``).
    public let stages: [Stage]

    /// All stages one after the other, in seconds.
    public var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }
    /// The memory of the stage that takes the most, in bytes.
    public var bytes: Double { stages.map(\.bytes).max() ?? 0 }

    /// Times this machine for some seconds.
    ///
    /// - Parameters:
    ///   - recipe: what would be run.
    ///   - threads: how many would run it.
    ///   - directory: where its files would be; some are written beside it for a moment, on the same disk, or in the folder for
    ///     temporary files if that is not allowed.
    /// - Throws: what the solvers throw, and `NetworkError` or `LatticeError` for a network that cannot be built.
    public init(_ recipe: Recipe, threads: Int, directory: RunDirectory? = nil) throws {
        let recipe = try recipe.resolvingAccuracy(pool: WorkerPool(threads: threads))
        let folder = Self.scratchFolder(beside: directory)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let work = try StageCosts(
            recipe: recipe, threads: threads, measured: CostMeasurements(recipe, threads: threads, folder: folder))
        let run = StageName.all(of: recipe)
        let stopped = recipe.obstacles(to: run).map(\.stage)
        stages = try run.filter { !stopped.contains($0) }.map(work.stage)
    }

    /// A path that nobody has, on the disk of a folder that may not be there yet.
    private static func scratchFolder(beside directory: RunDirectory?) -> String {
        let files = FileManager.default
        var parent = directory.map { URL(fileURLWithPath: $0.path) }
        while let path = parent?.path, path != "/", !files.fileExists(atPath: path) {
            parent = parent?.deletingLastPathComponent()
        }
        let writable = parent.flatMap { files.isWritableFile(atPath: $0.path) ? $0 : nil } ?? files.temporaryDirectory
        return writable.appendingPathComponent(".adiabat-check-" + UUID().uuidString).path
    }
}

/// What is done how often in each stage, and what it takes.
private struct StageCosts {
    typealias Stage = CostEstimate.Stage

    let recipe: Recipe
    let threads: Int
    let measured: CostMeasurements

    /// One of ``StageName/all(of:)``.
    func stage(_ name: StageName) throws -> Stage {
        switch name {
        case .generate: try generate()
        case .train: try train()
        case .learn: try learn(recipe.learn!)
        case .simulate: try simulate(recipe)
        case .coarsen: try coarsen(recipe.coarsening!)
        case .compare: try compare()
        case .analyze: try analyze()
        case .audit: preconditionFailure("audits are no part of a run")
        case .report: try report()
        }
    }

    // MARK: Data

    private func generate() throws -> Stage {
        let settings = recipe.generate
        let (quenches, random) = (settings.trajectories, settings.randomConfigurations)
        let size = recipe.lattice.size
        // A snapshot takes one solution more with a local solver. Every quench is kept in a file of its own.
        let again = settings.solver == .localDiagonalization ? settings.snapshotSteps.count : 0
        let forces = quenches * (settings.steps + 1)
        let seconds =
            try measured.seconds(settings.solver, size: size, count: forces, sequences: quenches)
            + measured.seconds(settings.solver, size: size, count: quenches * again, sequences: quenches, isAverage: true)
            + measured.seconds(settings.solver, size: size, count: random, sequences: random, isHot: true, isAverage: true)
            + Double(2 * quenches) * measured.durableFile()
        return Stage(
            stage: "generate", work: Self.forces(forces + quenches * again + random, settings.solver, recipe.supercell.siteCount),
            seconds: seconds, bytes: bytes(settings.solver, sequences: quenches, sites: recipe.supercell.siteCount))
    }

    /// Configurations of the data: all, and those for training.
    private var configurations: (all: Int, training: Int) {
        let settings = recipe.generate
        let all = settings.trajectories * settings.snapshotSteps.count + settings.randomConfigurations
        let heldOut = Double(settings.validationTrajectories + settings.testTrajectories) / Double(settings.trajectories)
        return (all, Int(Double(all) * (1 - heldOut)))
    }

    // MARK: Training

    /// Steps of Levenberg–Marquardt before those without improvement that end it: with a patience of 3, fits took from 5 steps, on small
    /// lattices, to all 12 that were allowed, on 24 × 24 sites.
    private static let usefulSteps = 6

    /// Epochs of a training, with an end before the last that is usual.
    private var epochs: Int {
        let options = recipe.training
        guard options.optimizer == .levenbergMarquardt, options.earlyStoppingPatience > 0 else { return options.allEpochs }
        return min(options.epochs, Self.usefulSteps + options.earlyStoppingPatience)
    }

    private func train() throws -> Stage { try train(on: configurations.training) }

    private func train(on count: Int) throws -> Stage {
        let options = recipe.training
        let (each, setUp) = try measured.epoch(configurations: count)
        let parameters = try measured.parameterCount()
        let committee = options.committee > 1 ? "\(options.committee) times " : ""
        let limit = epochs < options.allEpochs ? "up to " : ""
        return Stage(
            stage: "train",
            work: committee + limit + "\(options.allEpochs) epochs of \(count) configurations, \(parameters) parameters",
            seconds: Double(options.committee) * (setUp + Double(epochs) * Double(count) * each)
                // The curvature takes as long as a step.
                + (options.optimizer == .levenbergMarquardt ? Double(count) * each : 0),
            bytes: Double(configurations.all * recipe.supercell.siteCount) * 16 + Double(parameters) * 64)
    }

    /// All rounds, if no earlier one is good enough.
    private func learn(_ settings: LearnSettings) throws -> Stage {
        let sites = recipe.supercell(settings.size).siteCount
        let rounds = Double(settings.rounds)
        let labels = settings.configurations + settings.audits
        func learnedForce(isAverage: Bool) throws -> Double {
            try measured.learnedForce(
                size: settings.size, singlePrecision: recipe.simulate.precision == .float32, isAverage: isAverage)
        }
        let force = try learnedForce(isAverage: false)
        let disagreements =
            switch settings.disagreement {
            case .uncertainty:
                try Double(settings.frames * recipe.training.forcesOfUncertainty) * learnedForce(isAverage: true)
            case .solver(let name):
                try measured.seconds(name, size: settings.size, count: settings.frames, sequences: 1, isAverage: true)
            }
        let round =
            try disagreements + Double(settings.trajectories * settings.steps) * force
            + measured.seconds(settings.solver, size: settings.size, count: labels, sequences: labels, isAverage: true)
        // Half of what all rounds but the last add is there on average, counted in configurations of the first data.
        let added = (rounds - 1) / 2 * Double(labels * sites) / Double(recipe.supercell.siteCount)
        let train = try train()
        let more = 1 + added / Double(configurations.training)
        return Stage(
            stage: "learn",
            work: "up to \(settings.rounds) rounds of \(train.work), \(settings.trajectories * settings.steps) learned forces on "
                + "\(sites) sites and \(labels) by \(settings.solver.words)",
            seconds: rounds * (train.seconds * more + round),
            bytes: max(train.bytes * more, bytes(settings.solver, sequences: labels, sites: sites))
                + fieldBytes(sites) * Double(settings.frames) / 12)
    }

    // MARK: Simulation

    private func simulate(_ recipe: Recipe) throws -> Stage {
        let settings = recipe.simulate
        let sites = recipe.supercell(settings.size).siteCount
        let force: Double
        let work: String
        var bytes = fieldBytes(sites)
        switch settings.forceField {
        case .solver(let name):
            force = try measured.seconds(name, size: settings.size, count: 1, sequences: 1)
            work = Self.forces(settings.steps, name, sites)
            bytes += self.bytes(name, sequences: 1, sites: sites)
        case .model:
            force = try measured.learnedForce(size: settings.size, singlePrecision: settings.precision == .float32)
            work = "\(settings.steps) learned forces on \(sites) sites"
        }
        let seconds = try measured.simulation(recipe).seconds(settings, force: force)
        return try withAudits(Stage(stage: "simulate", work: work, seconds: seconds, bytes: bytes), of: recipe)
    }

    /// A site that an audit samples takes about three patches of so many sites.
    private static let patches = (count: 3, sites: 300)

    /// A simulation with its audits added to it.
    private func withAudits(_ stage: Stage, of recipe: Recipe) throws -> Stage {
        let settings = recipe.simulate
        guard settings.auditInterval > 0 else { return stage }
        let supercell = recipe.supercell(settings.size)
        let audits = settings.steps / settings.auditInterval
        let name = settings.auditSolver
        let text: String
        let (seconds, bytes): (Double, Double)
        switch try ForceAudit.extent(recipe.model, supercell, name, settings.auditSites) {
        case .whole:
            text = "all sites"
            (seconds, bytes) = (
                try measured.seconds(name, size: settings.size, count: audits, sequences: 1),
                self.bytes(name, sequences: 1, sites: supercell.siteCount)
            )
        case .sampled(let count):
            text = "\(count) sites"
            let patch = recipe.piece(of: settings.size, ofAtMost: Self.patches.sites)
            let solutions = audits * count * Self.patches.count
            (seconds, bytes) = (
                try measured.seconds(name, size: patch, count: solutions, sequences: audits * count),
                self.bytes(name, sequences: count, sites: Self.patches.sites)
            )
        }
        return Stage(
            stage: stage.stage, work: stage.work + ", \(audits) audits of \(text) by \(name.words)",
            seconds: stage.seconds + seconds, bytes: stage.bytes + bytes)
    }

    /// All quenches, one after the other, and the structure of each at some times.
    private func coarsen(_ settings: CoarseningSettings) throws -> Stage {
        let parts = try settings.sizes.indices.map { lattice in
            let quench = recipe.quench(1, onLattice: lattice)
            let frames = min(settings.collapseTimes, quench.simulate.steps / quench.simulate.frameInterval)
            let cost = try simulate(quench)
            return (
                count: settings.quenches(onLattice: lattice), cost: cost,
                seconds: try cost.seconds + Double(frames) * measured.structure(size: quench.simulate.size)
            )
        }
        return Stage(
            stage: "coarsen", work: parts.map { "\($0.count) times \($0.cost.work)" }.joined(separator: ", "),
            seconds: parts.reduce(0) { $0 + Double($1.count) * $1.seconds }, bytes: parts.map(\.cost.bytes).max() ?? 0)
    }

    // MARK: Comparison

    /// Learned forces around a loop. The integral takes 16 where the force hardly bends, 128 or 256 where it converges, and 1024 where it
    /// does not; the training decides which.
    private static let loopPoints = 512
    /// The random vectors of two Jacobians, one force on either side of each.
    private static let jacobianForces = 2 * 2 * 12

    /// The errors, the dynamics that shows the non-conservative part of the learned force, and the twins.
    private func compare() throws -> Stage {
        let settings = recipe.compare
        let (size, sites) = (recipe.lattice.size, recipe.supercell.siteCount)
        let isSingle = recipe.simulate.precision == .float32
        // The symmetries, on a hot configuration and on a quench.
        let generators = SymmetryGenerator.all(of: recipe.supercell, electrons: recipe.electrons[0]).count
        let predictions = configurations.all + (1 + generators) * (1 + recipe.generate.snapshotSteps.count)
        // The non-conservative part is measured above zero temperature alone.
        let isWarm = recipe.electrons.contains { $0.temperature > 0 }
        let averages = isWarm ? settings.loops * Self.loopPoints + Self.jacobianForces : 0
        let steps = isWarm ? NonConservativePart.steps(of: settings) - settings.exactEnergySteps : 0
        let exact = isWarm ? NonConservativePart.exactForces(settings) : 0
        var work = "\(predictions + averages + steps) learned forces on \(sites) sites"
        if exact > 0 { work += ", \(Self.forces(exact, recipe.generate.solver, sites))" }
        var seconds =
            try Double(predictions) * measured.learnedForce(size: size, singlePrecision: isSingle, isAverage: true)
            + Double(steps) * measured.learnedForce(size: size, singlePrecision: false)
            + Double(averages) * measured.learnedForce(size: size, singlePrecision: false, isAverage: true)
            + measured.seconds(recipe.generate.solver, size: size, count: exact, sequences: 1)
        var bytes = bytes(recipe.generate.solver, sequences: 1, sites: sites)
        if settings.twinTrajectories > 0 {
            let sites = recipe.supercell(settings.twinSize).siteCount
            let count = settings.twinTrajectories * settings.twinSteps
            work += ", \(Self.forces(count, settings.solver, sites))"
            let share = ThreadShare(
                pieces: settings.twinTrajectories, solver: settings.solver, pool: WorkerPool(threads: threads))
            let twin = try measured.learnedForce(
                size: settings.twinSize, singlePrecision: isSingle, usesThreads: share.pieces.threads == 1)
            seconds +=
                try measured.seconds(
                    settings.solver, size: settings.twinSize, count: count, sequences: settings.twinTrajectories)
                + Double(count) * twin / Double(share.pieces.threads)
            bytes = max(bytes, self.bytes(settings.solver, sequences: settings.twinTrajectories, sites: sites))
        }
        return Stage(stage: "compare", work: work, seconds: seconds, bytes: bytes)
    }

    // MARK: Analysis and report

    private func analyze() throws -> Stage {
        let settings = recipe.simulate
        let (sites, frames) = (recipe.supercell(settings.size).siteCount, settings.steps / settings.frameInterval + 1)
        return Stage(
            stage: "analyze", work: "\(frames) frames of \(sites) sites",
            seconds: try Double(frames) * measured.structure(size: settings.size) + 3 * measured.durableFile(),
            bytes: fieldBytes(sites))
    }

    /// All figures that the files of a run may give.
    private func report() throws -> Stage {
        let stages = Set(StageName.all(of: recipe).map(\.rawValue)).union(["train"])
        let count = FigureCatalogue.entries.count { entry in
            !entry.isOptional && stages.contains(entry.source.stage)
                && (entry.source != .simulationAudit || recipe.simulate.auditInterval > 0)
                && (entry.chapter != .twins || recipe.compare.twinTrajectories > 0)
        }
        let sizes = recipe.coarsening?.sizes ?? [recipe.simulate.size]
        return Stage(
            stage: "report", work: "up to \(count) figures", seconds: try Double(count) * measured.figure(),
            bytes: sizes.map { fieldBytes(recipe.supercell($0).siteCount) }.max() ?? 0)
    }

    // MARK: Words and memory

    private static func forces(_ count: Int, _ solver: SolverName, _ sites: Int) -> String {
        "\(count) forces on \(sites) sites by \(solver.words)"
    }

    /// A dozen fields in Float64.
    private func fieldBytes(_ sites: Int) -> Double {
        Double(sites * recipe.model.variable.kind.count(in: recipe.lattice.geometry)) * 8 * 12
    }

    /// Of the sequences that run at the same time.
    private func bytes(_ name: SolverName, sequences: Int, sites: Int) -> Double {
        let share = ThreadShare(pieces: sequences, solver: name, pool: WorkerPool(threads: threads))
        return recipe.solvers[name].bytes(sites: sites) * Double(max(1, min(share.pieces.threads, sequences)))
    }
}
