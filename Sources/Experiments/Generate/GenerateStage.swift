import Dynamics
import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Models
import Recipes
import Runs
import Storage
import Synchronization

extension Stages {
    /// Exact data: hot random configurations and snapshots of quenches, solved in parallel, into `dataset.h5`.
    ///
    /// Every trajectory is a piece of work with a seed of its own; finished ones are kept in `dataset.parts/` and an
    /// unfinished one as a checkpoint, so an interrupted run goes on where it stopped, with the same bits. Where another recipe is
    /// forced on the way, a trajectory that was begun is finished as it began. Trajectories are spread over ranks, which need a common file system; the first rank puts them together.
    public static func generate(_ context: StageContext) throws -> StageSummary {
        try context.require([.generate])
        let context = try context.resolved()
        let directory = context.directory
        // Until the data have their entry the parts tell that they were made here.
        return try context.recorded(thenRemoving: { try directory.remove(directory.datasetParts) }) {
            let path = directory.dataset
            let done = try context.onFirstRank {
                let done = try context.isComplete(.generate)
                if !done { try context.enterDirectory() }
                return done
            }
            let wrapped = context.warnOfWrappedForces(in: .generate)
            if !done { try GenerateStage(context).run() }
            return try context.onFirstRank { try summary(path, of: context.recipe, ran: !done, wrapped) }
        }
    }

    private static func summary(
        _ path: String, of recipe: Recipe, ran: Bool, _ wrapped: [StageSummary.Fact]
    ) throws -> StageSummary {
        let dataset = try DatasetFile.read(path, supercell: recipe.supercell)
        let counts = Dataset.Split.allCases.map { "\(dataset.snapshots($0).count)" }.joined(separator: " / ")
        return StageSummary(
            stage: "generate", ran: ran, outputs: [path],
            facts: [
                .init("snapshots", "\(dataset.snapshotCount)"), .init("training / validation / test", counts),
                .init("trajectories", "\(dataset.trajectories.count)"),
            ] + wrapped)
    }
}

/// What makes trajectories as one recipe says.
private struct TrajectoryMaker: Sendable {
    let recipe: Recipe
    let splits: [Dataset.Split]
    /// Of each trajectory.
    let electrons: [AdiabaticModel]
    /// One for each kind of electrons.
    private let solvers: [any SolvedElectrons]

    init(_ recipe: Recipe, pool: WorkerPool) {
        self.recipe = recipe
        splits = Dataset.splits(of: recipe)
        electrons = Dataset.electrons(of: recipe, splits: splits)
        solvers = recipe.electrons.map { recipe.solver(recipe.generate.solver, for: $0, pool: pool) }
    }

    /// The number of trajectories.
    var count: Int { splits.count }

    func solver(_ index: Int) -> any SolvedElectrons { solvers.first { $0.model == electrons[index] }! }

    /// The forces of a quench, and the solver of its snapshots, which have the last solution of these forces.
    ///
    /// Local forces at fixed μ are found by arithmetic of their own, and sampled ones are no averages as a snapshot has them, so that
    /// a snapshot takes one solution more.
    func forces(_ index: Int) -> (forceField: AdiabaticForceField, solver: any SolvedElectrons) {
        let (solver, supercell) = (solver(index), recipe.supercell)
        let forceField = AdiabaticForceField(solver, on: supercell)
        if forceField.local != nil || forceField.isSampled { return (forceField, solver) }
        let last = LastSolution(of: solver)
        return (AdiabaticForceField(last, on: supercell), last)
    }

    func isQuench(_ index: Int) -> Bool { index >= recipe.generate.randomConfigurations }

    /// Solutions of the electrons that a trajectory takes, as the progress line counts them.
    func solutions(of index: Int) -> Int { isQuench(index) ? recipe.generate.steps + 1 : 1 }
}

/// Electrons that know their last solution.
private final class LastSolution: SolvedElectrons {
    private let electrons: any SolvedElectrons
    private let last = Mutex<(displacement: SiteField, state: ElectronicState)?>(nil)

    init(of electrons: any SolvedElectrons) {
        self.electrons = electrons
    }

    var model: AdiabaticModel { electrons.model }
    var densities: any ForceField { electrons.densities }

    func surroundings(on lattice: Lattice) -> Int? { electrons.surroundings(on: lattice) }

    func solve(_ displacement: SiteField, wanted: WantedElements?) throws -> ElectronicState {
        if let last = last.withLock({ $0 }), last.displacement == displacement { return last.state }
        let state = try electrons.solve(displacement, wanted: wanted)
        last.withLock { $0 = (displacement, state) }
        return state
    }

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces = model.electronicForce(from: try solve(displacement).densityMatrix, at: displacement)
    }
}

/// One run of the stage.
private final class GenerateStage: Sendable {
    private let context: StageContext
    private let recipe: Recipe
    private let share: ThreadShare
    /// Of the recipe.
    private let own: TrajectoryMaker
    /// Of other recipes, by their texts: trajectories that they have begun are theirs.
    private let others = Mutex<[String: TrajectoryMaker]>([:])
    /// Solutions of the electrons so far, for the progress line.
    private let solved = Atomic<Int>(0)
    private let isWarned = Atomic<Bool>(false)

    /// The snapshots of a trajectory and what has made them.
    private struct Made {
        let snapshots: [Dataset.Snapshot]
        let maker: TrajectoryMaker
    }

    init(_ context: StageContext) {
        self.context = context
        recipe = context.recipe
        let ranks = context.communicator.size
        share = ThreadShare(
            pieces: (recipe.generate.trajectories + ranks - 1) / ranks, solver: recipe.generate.solver, pool: context.pool)
        own = TrajectoryMaker(recipe, pool: share.solution)
    }

    func run() throws {
        try context.doOnFirstRank { try prepareParts() }
        // Quenches first: they are the long pieces.
        let random = recipe.generate.randomConfigurations
        let order = Array(random..<self.own.count) + Array(0..<random)
        let own = stride(from: context.communicator.rank, to: order.count, by: context.communicator.size).map { order[$0] }
        context.progress.begin(stage: "generate", total: own.reduce(0) { $0 + self.own.solutions(of: $1) })
        let made = Collected<Made>(count: order.count)
        try context.onEveryRank {
            try share.pieces.tryForEach(count: own.count) { piece, _ in
                try context.interruption.check()
                made.set(try finishedPart(own[piece]) ?? makePart(own[piece]), at: own[piece])
            }
        }
        try context.doOnFirstRank {
            for index in Set(order).subtracting(own).sorted() {
                made.set(try finishedPart(index) ?? makePart(index), at: index)
            }
            try write(made.values)
        }
    }

    /// A folder for what is finished, with the recipe of the trajectories that have yet to begin.
    private func prepareParts() throws {
        let parts = context.directory.datasetParts
        try context.settleUnfinished(stage: "generate", exists: context.directory.exists(parts)) {
            try context.directory.remove(parts)
        }
        try context.directory.create(parts)
        let recorded = parts + "/recipe.toml"
        let begun = try FileManager.default.contentsOfDirectory(atPath: parts).filter { $0.hasPrefix(Self.partPrefix) }.sorted()
        if !begun.isEmpty, let text = FileManager.default.contents(atPath: recorded) {
            try context.requireSameRecipe(String(decoding: text, as: UTF8.self), path: parts, unfinished: .generate) {
                try requirePlaces(for: begun, in: parts)
                return nil
            }
        }
        try Manifest.recordRecipe(context)
        try AtomicFile.write(recipe.resolvedTOML, to: recorded)
    }

    /// - Throws: ``StageError/mismatch(path:problem:)`` if a trajectory that is there would be lost, or does not tell what made it.
    private func requirePlaces(for begun: [String], in parts: String) throws {
        for name in begun {
            let path = parts + "/" + name
            if let index = Int(name.dropFirst(Self.partPrefix.count).prefix { $0.isNumber }), index >= own.count {
                throw StageError.mismatch(
                    path: path,
                    problem: "would be lost: there are \(own.count) with generate.trajectories = "
                        + "\(recipe.generate.trajectories); at least \(index + 1 - recipe.generate.randomConfigurations) keep it")
            }
            guard let contents = try Checkpoint.load(path)?.checkpoint.contents, contents.metadata[Self.recipeKey] != nil else {
                throw StageError.mismatch(
                    path: path, problem: "was begun by another version of this program and does not tell what made it")
            }
        }
    }

    /// Puts the trajectories together.
    private func write(_ made: [Made]) throws {
        var earlier: [String] = []
        let trajectories = made.enumerated().map { index, made in
            let maker = made.maker
            let text = maker.recipe == recipe ? nil : maker.recipe.resolvedTOML
            if let text, !earlier.contains(text) { earlier.append(text) }
            return Dataset.Trajectory(
                kind: maker.isQuench(index) ? .quench : .random, split: own.splits[index],
                seed: maker.recipe.seed(of: .generate, index), electrons: maker.electrons[index], snapshots: made.snapshots,
                earlierRecipe: text.flatMap(earlier.firstIndex))
        }
        let dataset = Dataset(
            supercell: recipe.supercell, trajectories: trajectories, recipe: recipe.resolvedTOML, earlierRecipes: earlier)
        try DatasetFile.write(dataset, to: context.directory.dataset)
        context.progress.end(summary: "\(dataset.snapshotCount) snapshots of \(trajectories.count) trajectories")
    }

    /// What made a trajectory that was begun: the recipe, or another one that differs from it in what makes trajectories.
    private func maker(of contents: Safetensors) throws -> TrajectoryMaker {
        guard let text = contents.metadata[Self.recipeKey], text != recipe.resolvedTOML else { return own }
        return try others.withLock { known in
            if let found = known[text] { return found }
            let other = try context.recorded(text, path: contents.path)
            let isSame = StageName.generate.differences(recipe, from: other).isEmpty
            let maker = isSame ? own : TrajectoryMaker(other, pool: share.solution)
            known[text] = maker
            return maker
        }
    }

    /// A trajectory that an earlier run has finished; nil if there is none, or if its file is damaged.
    private func finishedPart(_ index: Int) throws -> Made? {
        guard context.directory.exists(part(index)) else { return nil }
        do {
            guard let restored = try Checkpoint.load(part(index)) else { return nil }
            // One of many parts speaks for all.
            if let warning = restored.warning, !isWarned.exchange(true, ordering: .relaxed) { context.progress.warning(warning) }
            let contents = restored.checkpoint.contents
            let maker = try maker(of: contents)
            let snapshots = try DatasetPart.snapshots(
                in: contents, supercell: recipe.supercell, kind: maker.recipe.model.variable.kind)
            count(maker.solutions(of: index))
            return Made(snapshots: snapshots, maker: maker)
        } catch let error as StorageError where error.kind == .malformed {
            context.progress.warning("\(error); making it again")
            return nil
        }
    }

    /// Makes the part file of one trajectory, as the recipe says that has begun it.
    private func makePart(_ index: Int) throws -> Made {
        let begun = own.isQuench(index) ? try context.restoredCheckpoint(checkpoint(index)) : nil
        let maker = try begun.map(maker) ?? own
        let dynamics = maker.recipe.dynamics
        let start = try HotStart(
            displacementVariance: dynamics.initialDisplacementVariance, velocityVariance: dynamics.initialVelocityVariance,
            seed: maker.recipe.seed(of: .generate, index))
        let kind = maker.recipe.model.variable.kind
        let snapshots =
            maker.isQuench(index)
            ? try quench(index, start, maker, begun)
            : [try snapshot(of: start.displacement(on: recipe.supercell, kind: kind), step: 0, maker.solver(index), maker)]
        if !maker.isQuench(index) { count(1) }
        // A single configuration costs less than waiting for the disk.
        try DatasetPart(snapshots).save(
            to: part(index), metadata: [Self.recipeKey: maker.recipe.resolvedTOML], waits: maker.isQuench(index))
        try context.directory.removeCheckpoint(checkpoint(index))
        return Made(snapshots: snapshots, maker: maker)
    }

    private func quench(
        _ index: Int, _ start: HotStart, _ maker: TrajectoryMaker, _ begun: Safetensors?
    ) throws -> [Dataset.Snapshot] {
        let (settings, dynamics, kind) = (maker.recipe.generate, maker.recipe.dynamics, maker.recipe.model.variable.kind)
        let (forceField, solver) = maker.forces(index)
        let due = Set(settings.snapshotSteps)
        let integrator = try dynamics.integrator.make(
            timeStep: settings.timeStep, mass: dynamics.mass, damping: dynamics.damping,
            temperature: maker.electrons[index].temperature, seed: start.seed)
        var snapshots: [Dataset.Snapshot] = []
        var state: PhaseSpaceState
        if let begun {
            state = try StateTensors.state(
                from: begun, on: recipe.supercell, kind: kind, seed: start.seed, tracksPotential: false)
            snapshots = try DatasetPart.snapshots(in: begun, supercell: recipe.supercell, kind: kind)
            count(state.step + 1)
        } else {
            state = try start.state(on: recipe.supercell, kind: kind, forceField: forceField.total)
            count(1)
        }
        var saved = ContinuousClock.now
        let simulation = Simulation(integrator: integrator, forceField: forceField.total)
        let observers = [
            Simulation.Observer(when: due.contains) { state in
                snapshots.append(try self.snapshot(of: state.displacement, step: state.step, solver, maker))
                // Often enough that little is lost, seldom enough to cost nothing; the bits do not depend on when.
                if ContinuousClock.now - saved > .seconds(10) {
                    try self.save(state, snapshots, index, maker)
                    saved = .now
                }
            }
        ]
        let outcome = try simulation.run(
            &state, to: settings.steps, observers: observers, shouldStop: { context.interruption.isRequested },
            progress: { _ in count(1) })
        if outcome == .stopped {
            try save(state, snapshots, index, maker)
            throw WorkflowInterrupted()
        }
        return snapshots
    }

    private func snapshot(
        of displacement: SiteField, step: Int, _ solver: any SolvedElectrons, _ maker: TrajectoryMaker
    ) throws -> Dataset.Snapshot {
        let solution = try solver.solution(at: displacement)
        return Dataset.Snapshot(
            displacement: displacement, density: solution.density, electronicForce: solution.electronicForce,
            force: solution.force,
            potential: solution.potential ?? .nan,
            chemicalPotential: solution.chemicalPotential, step: step, time: Double(step) * maker.recipe.generate.timeStep)
    }

    private func save(
        _ state: PhaseSpaceState, _ snapshots: [Dataset.Snapshot], _ index: Int, _ maker: TrajectoryMaker
    ) throws {
        try Checkpoint(
            tensors: StateTensors.tensors(of: state) + DatasetPart.tensors(of: snapshots),
            metadata: [Self.recipeKey: maker.recipe.resolvedTOML]
        ).save(to: checkpoint(index))
    }

    private func count(_ solutions: Int) {
        let total = solved.wrappingAdd(solutions, ordering: .relaxed).newValue
        context.progress.update(done: total, detail: "")
    }

    private static let partPrefix = "trajectory-"
    /// In the metadata of a part: the recipe that has begun it.
    private static let recipeKey = "recipe"

    private func part(_ index: Int) -> String {
        context.directory.datasetParts + "/" + Self.partPrefix + "\(index).safetensors"
    }

    private func checkpoint(_ index: Int) -> String {
        context.directory.datasetParts + "/" + Self.partPrefix + "\(index).checkpoint"
    }
}
