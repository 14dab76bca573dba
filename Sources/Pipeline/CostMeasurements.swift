import Communication
import Dynamics
import Electrons
import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Observables
import Recipes
import Reports
import Runs
import Storage
import Training

/// What pieces of a run take on this machine: the real thing, timed for a moment, on configurations like those of the run.
///
/// What takes too long is timed on a smaller lattice and scaled as its cost grows.
final class CostMeasurements {
    /// Seconds that one measurement may take, about, after a first time that sets up.
    private static let budget = 0.25
    /// Sites on which is timed what costs the same on every site.
    private static let manySites = 1 << 16

    private let recipe: Recipe
    private let pool: WorkerPool
    /// A folder on the disk of the run, for files that are timed.
    private let folder: String
    private let typical: TypicalConfigurations
    private var known: [String: Double] = [:]

    /// - Parameters:
    ///   - recipe: with no options of the solvers left open.
    ///   - folder: is made, and is the caller's to remove.
    init(_ recipe: Recipe, threads: Int, folder: String) throws {
        BLAS.useOneThread()
        self.recipe = recipe
        self.folder = folder
        pool = WorkerPool(threads: threads)
        typical = try TypicalConfigurations(recipe, pool: pool)
        try RunDirectory(folder).create()
    }

    // MARK: Forces

    /// Seconds that `count` forces of a solver take in independent sequences, in each of which one follows the other.
    ///
    /// - Parameters:
    ///   - isHot: whether configurations are random, or those of a quench.
    ///   - isAverage: whether they are evaluated outside of dynamics, where sampled blocks are averaged over.
    func seconds(
        _ name: SolverName, size: [Int], count: Int, sequences: Int, isHot: Bool = false, isAverage: Bool = false
    ) throws -> Double {
        guard count > 0, sequences > 0 else { return 0 }
        let share = ThreadShare(pieces: sequences, solver: name, pool: pool)
        let atOnce = min(sequences, share.pieces.threads)
        let exponent = name.options.costExponent(dimension: recipe.lattice.geometry.dimension)
        let each = try remembered("\(name) \(size) \(atOnce) \(share.solution.threads) \(isHot) \(isAverage)") {
            try scaled(size, exponent: exponent) { size in
                let supercell = recipe.supercell(size)
                let field = AdiabaticForceField(recipe.solver(name, pool: share.solution), on: supercell, pool: share.solution)
                    .total
                let forces = isAverage ? field : field.atStep(0, seed: 0)
                let configurations = typical.configurations(on: supercell, isHot: isHot)
                return try Self.seconds {
                    try share.pieces.tryForEach(count: atOnce) { _, _ in
                        for displacement in configurations { _ = try forces.forces(at: displacement) }
                    }
                } / Double(configurations.count)
            }
        }
        // The last sequences may leave threads idle.
        let rounds = (sequences + atOnce - 1) / atOnce
        return each * Double(count) / Double(sequences) * Double(rounds)
    }

    /// The model that training begins with.
    private lazy var untrained: Result<TrainedModel, any Error> = Result {
        var model = try recipe.network.architecture.model(on: recipe.lattice.geometry, kind: recipe.model.variable.kind)
        try model.normalize(samples(count: 2))
        return TrainedModel(single: model, parameters: model.initialParameters(seed: recipe.seed), recipe: recipe.resolvedTOML)
    }

    /// Parameters of the model.
    func parameterCount() throws -> Int { try untrained.get().parameters.count }

    /// Seconds of one learned force on all threads, or on one.
    ///
    /// - Parameter isAverage: whether it is evaluated outside of dynamics, where sampled blocks are averaged over.
    func learnedForce(
        size: [Int], singlePrecision: Bool, usesThreads: Bool = true, isAverage: Bool = false
    ) throws -> Double {
        let model = try untrained.get()
        let threads = usesThreads ? pool : WorkerPool(threads: 1)
        return try remembered("learned \(size) \(singlePrecision) \(threads.threads) \(isAverage)") {
            try scaled(size, exponent: 1) { size in
                let supercell = recipe.supercell(size)
                let field = try model.forceField(
                    on: supercell, conditions: recipe.model, singlePrecision: singlePrecision, tiling: recipe.simulate.tiling,
                    pool: threads)
                let forces = isAverage ? field : field.atStep(0, seed: 0)
                let configurations = typical.configurations(on: supercell)
                return try Self.seconds { for displacement in configurations { _ = try forces.forces(at: displacement) } }
                    / Double(configurations.count)
            }
        }
    }

    // MARK: Training

    /// Seconds of an epoch for one training configuration, and of setting up.
    func epoch(configurations: Int) throws -> (each: Double, setUp: Double) {
        let model = try untrained.get().model
        let options = recipe.training
        let sites = recipe.supercell.siteCount
        // Two whole batches; for all threads, if every configuration is a piece of work.
        let batch = options.batch == .sites ? (options.batchSize + sites - 1) / sites : options.batchSize
        let wanted = options.optimizer == .adam ? min(2 * batch, 64) : 2 * pool.threads
        let count = max(1, min(wanted, configurations))
        let data = TrainingSet(training: samples(count: count), validation: samples(count: 1))
        var trainer: Trainer!
        let setUp = try Self.once {
            trainer = try Trainer(model: model, data: data, options: options, seed: recipe.seed, pool: pool)
        }
        let start = TrainingState(parameters: model.initialParameters(seed: recipe.seed), damping: options.initialDamping)
        let whole = try Self.seconds {
            var state = start
            _ = try trainer.runEpoch(&state)
        }
        return (whole / Double(count), setUp)
    }

    /// Hot and quenched configurations in turn with forces that a network can learn.
    private func samples(count: Int) -> ForceSamples {
        let kinds = typical.configurations(on: recipe.supercell, isHot: true) + typical.configurations(on: recipe.supercell)
        let displacements = (0..<count).map { kinds[$0 % kinds.count] }
        let forces = displacements.map { SiteField($0.supercell, kind: $0.kind, values: $0.values.map(tanh)) }
        return ForceSamples(displacements: displacements, forces: forces, conditions: displacements.map { _ in recipe.model })
    }

    // MARK: Simulation and files

    /// What a simulation takes beside the electronic forces, in seconds.
    struct Simulation {
        /// From the command to the first step, and from the last to the end.
        var fixed = 0.0
        /// Of a step, all but the electrons.
        var step = 0.0
        var sample = 0.0
        /// Merging it included.
        var frame = 0.0
        var checkpoint = 0.0
        /// Of one frame before a checkpoint.
        var synchronization = 0.0

        /// Seconds of a whole simulation.
        ///
        /// - Parameter force: of one electronic force.
        func seconds(_ settings: SimulateSettings, force: Double) -> Double {
            let frames = settings.steps / settings.frameInterval
            let samples = Double(settings.steps / settings.observableInterval)
            let work = Double(settings.steps) * (step + force) + samples * sample + Double(frames) * frame
            let saved = settings.steps / settings.checkpointInterval
            let framesSaved = saved * settings.checkpointInterval / settings.frameInterval
            let saving = Double(saved) * checkpoint + Double(framesSaved) * synchronization
            // A schedule sees to it that saving takes a tenth of the time at most, beyond a second.
            return fixed + work + min(saving, max(1, work / 9))
        }
    }

    /// - Parameter recipe: that of a simulation.
    func simulation(_ recipe: Recipe) throws -> Simulation {
        let settings = recipe.simulate
        let supercell = recipe.supercell(recipe.piece(of: settings.size, ofAtMost: Self.manySites))
        let scale = Double(recipe.supercell(settings.size).siteCount) / Double(supercell.siteCount)
        let displacement = typical.configurations(on: supercell)[0]
        let elastic = recipe.model.classicalPart(on: supercell, pool: pool)
        let dynamics = recipe.dynamics
        let integrator = try dynamics.integrator.make(
            timeStep: dynamics.timeStep, mass: dynamics.mass, damping: dynamics.damping, temperature: recipe.model.temperature,
            seed: recipe.seed, pool: pool)
        let start = try PhaseSpaceState(
            displacement: displacement, velocity: SiteField(supercell, kind: recipe.model.variable.kind), forceField: elastic)
        var costs = Simulation()
        let steps = 16
        costs.step =
            try Self.seconds {
                var state = start
                _ = try Dynamics.Simulation(integrator: integrator, forceField: elastic).run(&state, to: steps)
            } / Double(steps) * scale
        let kind = recipe.model.variable.kind
        let observables = ObservableSet(supercell, kind: kind, mass: dynamics.mass, pool: pool)
        let density = SiteField(supercell, values: displacement.component(0))
        costs.sample =
            Self.seconds {
                _ = observables.sample(displacement: displacement, velocity: start.velocity, density: density)
            } * scale

        let partition = RowPartition(supercell)
        let layout = SlabLayout(count: supercell.siteCount, unit: partition.rowsPerUnit * partition.sitesPerRow)
        // Numbers that do not repeat, for they are compressed.
        let values = typical.configurations(on: supercell, isHot: true)[0].values
        try values.withUnsafeBufferPointer { values in
            func seconds(frames: Int, samples: Int, waits: Bool = false) throws -> Double {
                let plan = TrajectoryFile.Plan(
                    supercell: supercell, kind: kind, timeStep: dynamics.timeStep, steps: frames * samples,
                    frameInterval: samples,
                    fields: settings.frameFields, observableInterval: frames, observables: observables.observables,
                    recipe: recipe.resolvedTOML, forceField: settings.forceField.rawValue, modelDigest: "", seed: recipe.seed)
                return try Self.seconds { try write(plan, layout, values, waits: waits) }
            }
            // Beyond those at the start.
            let count = supercell.siteCount > 4096 ? 4 : 16
            let (none, frames) = try (seconds(frames: 1, samples: 1), seconds(frames: count, samples: 1))
            func each(_ some: Double, beyond others: Double) -> Double { max(0, some - others) / Double(count - 1) }
            costs.frame = each(frames, beyond: none) * scale
            costs.synchronization = try each(seconds(frames: count, samples: 1, waits: true), beyond: frames) * scale
            costs.sample += try each(seconds(frames: 1, samples: count), beyond: none)
            costs.checkpoint =
                try Self.seconds {
                    try SlabCheckpoint.save(
                        to: folder + "/simulation.checkpoint", tensors: [], metadata: [:], slabs: ["displacement", "velocity"],
                        layout: layout.repeated(kind.count(in: supercell.lattice)), communicator: SingleProcess()
                    ) { _ in values }
                } * scale
        }
        costs.fixed = try fixed(recipe)
        return costs
    }

    /// Writes a trajectory of these values from its beginning to the one file that it becomes.
    ///
    /// - Parameter waits: whether frames are on the disk before they are merged, as before a checkpoint.
    private func write(
        _ plan: TrajectoryFile.Plan, _ layout: SlabLayout, _ values: UnsafeBufferPointer<Double>, waits: Bool
    ) throws {
        let (path, alone) = (folder + "/trajectory.h5", SingleProcess())
        try TrajectoryWriter.create(path, plan, alone)
        let writer = try TrajectoryWriter(
            path, lattice: plan.supercell.lattice, layout: layout, communicator: alone, pool: pool)
        let sites = plan.supercell.siteCount
        for step in writer.frameSteps {
            try writer.writeFrame(step: step) { $0 == .density ? UnsafeBufferPointer(rebasing: values.prefix(sites)) : values }
        }
        let sample = plan.observables.map { _ in 1.0 }
        for step in writer.sampleSteps { try writer.writeSample(plan.observables.map(\.name), sample, step: step) }
        if waits { try writer.flush() }
        try writer.close()
    }

    /// Seconds of a whole `simulate` of one step on a small lattice.
    private func fixed(_ recipe: Recipe) throws -> Double {
        var recipe = recipe
        recipe.simulate.size = recipe.piece(of: recipe.simulate.size, ofAtMost: 400)
        (recipe.simulate.steps, recipe.simulate.frameInterval, recipe.simulate.observableInterval) = (1, 1, 1)
        recipe.simulate.auditInterval = 0
        return try remembered("fixed \(recipe.simulate.forceField.rawValue) \(recipe.simulate.size)") {
            try Self.seconds {
                // A folder of its own every time: what is there is not done again.
                let directory = RunDirectory(folder + "/run-" + UUID().uuidString)
                try directory.create()
                if recipe.simulate.forceField == .model { try ModelFile.write(untrained.get(), to: directory.model) }
                _ = try Stages.simulate(StageContext(recipe: recipe, directory: directory, threads: pool.threads))
            }
        }
    }

    // MARK: Analysis and figures

    /// Seconds of the structure of one configuration; 0 on lattices without Fourier transform.
    func structure(size: [Int]) throws -> Double {
        try remembered("structure \(size)") {
            try scaled(size, exponent: 1) { size in
                let supercell = recipe.supercell(size)
                guard let spectrum = try? LatticeSpectrum(supercell, kind: recipe.model.variable.kind) else { return 0 }
                let displacement = typical.configurations(on: supercell)[0]
                return try Self.seconds { _ = try spectrum.structure(of: displacement) }
            }
        }
    }

    /// Seconds of drawing a figure and of writing its files.
    func figure() throws -> Double {
        let rows = (1...20).map { epoch in "\(epoch),\(epoch),0.1,\(1 / Double(epoch)),\(2 / Double(epoch)),1" }
        let curve = try TrainingCurve(([EpochRecord.columns] + rows).joined(separator: "\n"), path: "training.csv")
        let (figure, gnuplot) = try (Figure.learningCurve(curve, options: recipe.training), Gnuplot())
        return try Self.seconds { _ = try gnuplot.draw(figure).write(in: folder) }
    }

    /// Seconds of a small file that has to be on the disk.
    func durableFile() throws -> Double {
        try remembered("durable file") { try Self.seconds { try AtomicFile.write("durable", to: folder + "/durable") } }
    }

    // MARK: The clock

    /// What is measured once is not measured again.
    private func remembered(_ name: String, _ measure: () throws -> Double) rethrows -> Double {
        if let seconds = known[name] { return seconds }
        let seconds = try measure()
        known[name] = seconds
        return seconds
    }

    /// Seconds on a lattice of a size: on all of it if that is quick, else on the largest piece of it that is, and scaled as N to the
    /// power `exponent`.
    private func scaled(_ size: [Int], exponent: Double, _ time: ([Int]) throws -> Double) throws -> Double {
        let sites = Double(recipe.supercell(size).siteCount)
        var seconds = 0.0
        var reached = 0.0
        var next = 256
        // From a small piece to the one that it shows to be affordable.
        for _ in 0..<2 {
            let piece = recipe.piece(of: size, ofAtMost: next)
            let count = Double(recipe.supercell(piece).siteCount)
            guard count > 1.5 * reached else { break }
            (seconds, reached) = (try time(piece), count)
            guard reached < sites, seconds < Self.budget else { break }
            next = Int(min(sites, Double(Self.manySites), reached * pow(Self.budget / seconds, 1 / exponent)))
        }
        return seconds * pow(sites / reached, exponent)
    }

    /// The least of some times, without the first, which sets up, unless there is time for no other.
    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let first = try once(body)
        var (best, spent) = (first, 0.0)
        for repetition in 0..<10 where repetition == 0 || spent < budget {
            guard first < 4 * budget else { break }
            let time = try once(body)
            best = min(best, time)
            spent += time
        }
        return best
    }

    private static func once(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try body()
        return (clock.now - start).inSeconds
    }
}

/// Configurations like those of a recipe's run on lattices of any size: hot ones, and moments of a quench of a small lattice, which
/// are repeated on larger ones.
struct TypicalConfigurations {
    private static let largestSiteCount = 1024
    /// Below this part of the hopping the driver of the quench does not follow the temperature.
    private static let lowestTemperature = 0.05

    private let start: HotStart
    private let moments: [SiteField]
    private let recipe: Recipe

    /// - Throws: `DynamicsError` for a hot start that cannot be.
    init(_ recipe: Recipe, pool: WorkerPool) throws {
        self.recipe = recipe
        let settings = recipe.dynamics
        start = try HotStart(
            displacementVariance: settings.initialDisplacementVariance, velocityVariance: settings.initialVelocityVariance,
            seed: recipe.seed(of: .probe))
        let size = recipe.size(ofAtMost: Self.largestSiteCount)
        let model = recipe.model
        let temperature = max(model.temperature, Self.lowestTemperature * model.energyUnit)
        let quench = try? SolverProbe.quench(
            recipe, electrons: model.with("temperature", temperature), size: size,
            timeStep: settings.coarseTimeStep(recipe.lattice.geometry, model), pool: pool)
        // A quarter of the quench, and its end. A lattice that the driver cannot do has hot configurations alone.
        moments = quench.map { [$0[2], $0[4]] } ?? [start.displacement(on: recipe.supercell(size), kind: model.variable.kind)]
    }

    /// Hot ones, or those of a quench.
    func configurations(on supercell: Supercell, isHot: Bool = false) -> [SiteField] {
        isHot ? [start.displacement(on: supercell, kind: recipe.model.variable.kind)] : moments.map { $0.repeated(on: supercell) }
    }
}

extension SiteField {
    /// The field of a lattice repeated periodically on another supercell, or cut off.
    func repeated(on other: Supercell) -> SiteField {
        var field = SiteField(other, kind: kind)
        let numbers = supercell.lattice.basis.count * componentCount
        for cell in 0..<other.cellCount {
            var (rest, stride, source) = (cell, 1, 0)
            for (length, own) in zip(other.size, supercell.size) {
                source += rest % length % own * stride
                rest /= length
                stride *= own
            }
            for k in 0..<numbers { field.values[cell * numbers + k] = values[source * numbers + k] }
        }
        return field
    }
}
