import Dynamics
import ElectronicStructure
import Foundation
import LatticeNumerics
import Lattices
import Storage
import Synchronization

extension Stages {
    /// Exact data: hot random configurations and snapshots of quenches, solved in parallel, into `dataset.h5`.
    ///
    /// Every trajectory is a piece of work with a seed of its own; finished ones are kept in `dataset.parts/` and an
    /// unfinished one as a checkpoint, so an interrupted run goes on where it stopped, with the same bits. Trajectories are spread
    /// over ranks, which need a common file system; the first rank puts them together.
    public static func generate(_ context: StageContext) throws -> StageSummary {
        let context = try context.resolved()
        return try context.recorded {
            let path = context.directory.dataset
            let done = try context.onFirstRank {
                let done = try context.isComplete(
                    path, stage: "generate", sections: GenerateStage.sections, recorded: DatasetFile.recipe)
                if done {
                    // What a kill between the last two steps leaves.
                    try context.directory.remove(context.directory.datasetParts)
                } else {
                    try context.prepareDirectory()
                }
                return done
            }
            let wrapped = context.warnOfWrappedForces(in: "generate")
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

/// One run of the stage.
private final class GenerateStage: Sendable {
    static let sections: Set<Recipe.Section> = [.lattice, .model, .dynamics, .generate]

    private let context: StageContext
    private let recipe: Recipe
    private let share: ThreadShare
    private let splits: [Dataset.Split]
    /// Of each trajectory.
    private let electrons: [HolsteinModel]
    /// One for each kind of electrons.
    private let solvers: [Solver]
    /// Solutions of the electrons so far, for the progress line.
    private let solved = Atomic<Int>(0)

    init(_ context: StageContext) {
        self.context = context
        recipe = context.recipe
        let ranks = context.communicator.size
        share = ThreadShare(
            pieces: (recipe.generate.trajectories + ranks - 1) / ranks, solver: recipe.generate.solver, pool: context.pool)
        splits = Dataset.splits(of: recipe)
        electrons = Dataset.electrons(of: recipe, splits: splits)
        solvers = recipe.electrons.map { [recipe, share] electrons in
            let solver = recipe.solver(recipe.generate.solver, for: electrons, pool: share.solution)
            return Solver(
                electrons: electrons, solver: solver, forceField: AdiabaticForceField(solver, on: recipe.supercell))
        }
    }

    private struct Solver: Sendable {
        let electrons: HolsteinModel
        let solver: any ElectronicSolver
        let forceField: AdiabaticForceField
    }

    private func solver(_ index: Int) -> Solver { solvers.first { $0.electrons == electrons[index] }! }

    func run() throws {
        try context.doOnFirstRank { try prepareParts() }
        // Quenches first: they are the long pieces.
        let random = recipe.generate.randomConfigurations
        let count = random + recipe.generate.trajectories
        let order = Array(random..<count) + Array(0..<random)
        let own = stride(from: context.communicator.rank, to: count, by: context.communicator.size).map { order[$0] }
        context.progress.begin(stage: "generate", total: own.reduce(0) { $0 + solutions(of: $1) })
        let snapshots = Collected<[Dataset.Snapshot]>(count: count)
        try context.onEveryRank {
            try share.pieces.tryForEach(count: own.count) { piece, _ in
                try context.interruption.check()
                snapshots.set(try finishedPart(own[piece]) ?? makePart(own[piece]), at: own[piece])
            }
        }
        try context.doOnFirstRank {
            for index in Set(0..<count).subtracting(own).sorted() {
                snapshots.set(try finishedPart(index) ?? makePart(index), at: index)
            }
            try write(snapshots.values)
        }
    }

    /// A folder for what is finished of this recipe.
    private func prepareParts() throws {
        let parts = context.directory.datasetParts
        try context.settleUnfinished(stage: "generate", exists: context.directory.exists(parts)) {
            try context.directory.remove(parts)
        }
        try context.directory.create(parts)
        let recorded = parts + "/recipe.toml"
        if let text = FileManager.default.contents(atPath: recorded) {
            try context.requireSameRecipe(
                String(decoding: text, as: UTF8.self), path: parts, sections: Self.sections,
                work: .unfinished(stage: "generate", step: nil))
        } else {
            try AtomicFile.write(recipe.resolvedTOML, to: recorded)
        }
    }

    /// Puts the trajectories together.
    private func write(_ snapshots: [[Dataset.Snapshot]]) throws {
        let trajectories = zip(splits, snapshots).enumerated().map { index, trajectory in
            Dataset.Trajectory(
                kind: isQuench(index) ? .quench : .random, split: trajectory.0, seed: recipe.seed(of: .generate, index),
                electrons: electrons[index], snapshots: trajectory.1)
        }
        let dataset = Dataset(supercell: recipe.supercell, trajectories: trajectories, recipe: recipe.resolvedTOML)
        try DatasetFile.write(dataset, to: context.directory.dataset)
        try context.directory.remove(context.directory.datasetParts)
        context.progress.end(summary: "\(dataset.snapshotCount) snapshots of \(trajectories.count) trajectories")
    }

    private func isQuench(_ index: Int) -> Bool { index >= recipe.generate.randomConfigurations }

    /// Solutions of the electrons that a trajectory takes, as the progress line counts them.
    private func solutions(of index: Int) -> Int { isQuench(index) ? recipe.generate.steps + 1 : 1 }

    /// The snapshots of a trajectory that an earlier run has finished; nil if there are none, or if their file is damaged.
    private func finishedPart(_ index: Int) throws -> [Dataset.Snapshot]? {
        guard context.directory.exists(part(index)) else { return nil }
        do {
            let snapshots = try DatasetPart.read(part(index), supercell: recipe.supercell)
            count(solutions(of: index))
            return snapshots
        } catch let error as StorageError where error.kind == .malformed {
            context.progress.warning("\(error); making it again")
            return nil
        }
    }

    /// Makes the part file of one trajectory.
    private func makePart(_ index: Int) throws -> [Dataset.Snapshot] {
        let start = try HotStart(
            displacementVariance: recipe.dynamics.initialDisplacementVariance,
            velocityVariance: recipe.dynamics.initialVelocityVariance, seed: recipe.seed(of: .generate, index))
        let snapshots =
            isQuench(index)
            ? try quench(index, start) : [try snapshot(index, of: start.displacement(on: recipe.supercell), step: 0)]
        if !isQuench(index) { count(1) }
        try DatasetPart(snapshots).save(to: part(index))
        try context.directory.removeCheckpoint(checkpoint(index))
        return snapshots
    }

    private func quench(_ index: Int, _ start: HotStart) throws -> [Dataset.Snapshot] {
        let settings = recipe.generate
        let forceField = solver(index).forceField
        let due = Set(settings.snapshotSteps)
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: settings.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: electrons[index].temperature, seed: start.seed)
        var snapshots: [Dataset.Snapshot] = []
        var state: PhaseSpaceState
        if let contents = try context.restoredCheckpoint(checkpoint(index)) {
            state = try StateTensors.state(from: contents, on: recipe.supercell, tracksPotential: false)
            snapshots = try DatasetPart.snapshots(in: contents, supercell: recipe.supercell)
            count(state.step + 1)
        } else {
            state = try start.state(on: recipe.supercell, forceField: forceField.total)
            count(1)
        }
        var saved = ContinuousClock.now
        let simulation = Simulation(integrator: integrator, forceField: forceField.total)
        let observers = [
            Simulation.Observer(when: due.contains) { state in
                snapshots.append(try self.snapshot(index, of: state.displacement, step: state.step))
                // Often enough that little is lost, seldom enough to cost nothing; the bits do not depend on when.
                if ContinuousClock.now - saved > .seconds(10) {
                    try self.save(state, snapshots, index)
                    saved = .now
                }
            }
        ]
        let outcome = try simulation.run(
            &state, to: settings.steps, observers: observers, shouldStop: { context.interruption.isRequested },
            progress: { _ in count(1) })
        if outcome == .stopped {
            try save(state, snapshots, index)
            throw WorkflowInterrupted()
        }
        return snapshots
    }

    private func snapshot(_ index: Int, of displacement: SiteField, step: Int) throws -> Dataset.Snapshot {
        let solution = try solver(index).solver.solution(at: displacement)
        return Dataset.Snapshot(
            displacement: displacement, density: solution.density, force: solution.force, potential: solution.potential ?? .nan,
            chemicalPotential: solution.chemicalPotential, step: step, time: Double(step) * recipe.generate.timeStep)
    }

    private func save(_ state: PhaseSpaceState, _ snapshots: [Dataset.Snapshot], _ index: Int) throws {
        try Checkpoint(tensors: StateTensors.tensors(of: state) + DatasetPart.tensors(of: snapshots)).save(to: checkpoint(index))
    }

    private func count(_ solutions: Int) {
        let total = solved.wrappingAdd(solutions, ordering: .relaxed).newValue
        context.progress.update(done: total, detail: "")
    }

    private func part(_ index: Int) -> String { context.directory.datasetParts + "/trajectory-\(index).safetensors" }

    private func checkpoint(_ index: Int) -> String { context.directory.datasetParts + "/trajectory-\(index).checkpoint" }
}
