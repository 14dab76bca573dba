import Communication
import Dynamics
import Electrons
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Observables
import Recipes
import Runs
import Storage

extension Stages {
    /// The quench of the large lattice: hot start, then dynamics at k_BT, into `trajectory.h5`.
    ///
    /// The lattice is spread over the processes of the context. The state is saved to `simulation.checkpoint` every
    /// `checkpoint_interval` steps, when a signal asks for it, and on interruption.
    public static func simulate(_ context: StageContext) throws -> StageSummary {
        try context.require([.simulate])
        return try quench(context)
    }

    /// ``simulate(_:)`` of a recipe whose requirements are met: that of one quench of an ensemble, which are those of the ensemble.
    static func quench(_ context: StageContext) throws -> StageSummary {
        let context = try context.resolved()
        return try context.recorded {
            let path = context.directory.trajectory
            let wrapped = context.warnOfWrappedForces(in: .simulate)
            let ran = try SimulateStage(context).run()
            return try context.onFirstRank {
                let file = try TrajectoryFile.open(path, lattice: context.recipe.lattice.geometry)
                var facts = [
                    StageSummary.Fact("steps", "\(context.recipe.simulate.steps)"), .init("frames", "\(file.frameCount)"),
                ]
                for name in ["order_parameter", "domain_length", "kinetic_temperature"] where file.observableNames.contains(name)
                {
                    guard let last = try file.statedObservable(name).last, last.isFinite else { continue }
                    facts.append(.init("final " + name.replacing("_", with: " "), TerminalNumber.text(last)))
                }
                facts += wrapped
                let table = context.directory.auditTable
                let inputs = context.recipe.simulate.forceField == .model ? [context.directory.model] : []
                guard context.directory.exists(table) else {
                    return StageSummary(stage: "simulate", ran: ran, outputs: [path], inputs: inputs, facts: facts)
                }
                let errors = try AuditTable.read(table).map(\.rootMeanSquare)
                if let largest = errors.max(), let last = errors.last {
                    facts.append(
                        .init(
                            "force RMSE, largest and last audit", "\(TerminalNumber.text(largest)), \(TerminalNumber.text(last))")
                    )
                }
                return StageSummary(stage: "simulate", ran: ran, outputs: [path, table], inputs: inputs, facts: facts)
            }
        }
    }
}

/// One run of the stage on one of its processes.
private final class SimulateStage {
    private let context: StageContext
    private let recipe: Recipe
    private let settings: SimulateSettings
    private let path: String
    private let lattice: SharedLattice
    private let modelDigest: String
    private let isOverdamped: Bool
    private let observables: ObservableSet
    private let checkpoint: SimulationCheckpoint
    private let seed: UInt64
    /// What the last sample says of the order, for the line of progress.
    private var order = ""
    /// What the trajectory holds of earlier recipes, on the first rank.
    private var past: TrajectoryPast?
    private var communicator: any Communicator { context.communicator }

    init(_ context: StageContext) throws {
        self.context = context
        recipe = context.recipe
        settings = recipe.simulate
        path = context.directory.trajectory
        isOverdamped = recipe.dynamics.integrator == .overdamped
        seed = recipe.seed(of: .simulate, recipe.simulate.quench)
        let source = try ForceSource(context)
        modelDigest = source.modelDigest
        lattice = try SharedLattice(
            recipe.supercell(settings.size), kind: recipe.model.variable.kind, context: context,
            name: settings.forceField.rawValue,
            forceField: source.forceField)
        observables = ObservableSet(
            lattice.slabs, scalarSlabs: lattice.scalarSlabs, mass: recipe.dynamics.mass, pool: context.pool)
        checkpoint = SimulationCheckpoint(
            path: context.directory.simulationCheckpoint, lattice: lattice, seed: seed,
            metadata: ["recipe": recipe.resolvedTOML, "model_sha256": modelDigest])
    }

    /// - Returns: false if the trajectory was complete.
    func run() throws -> Bool {
        switch try context.onFirstRank(settle) {
        case .finished: return false
        case .begun: break
        case .shorter, .changed: try TrajectoryWriter.extend(path, to: plan, layout: lattice.layout, communicator)
        case .none: try TrajectoryWriter.create(path, plan, communicator)
        }
        let writer = try TrajectoryWriter(
            path, lattice: recipe.lattice.geometry, layout: lattice.layout, communicator: communicator, pool: context.pool)
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: recipe.model.temperature, seed: seed, pool: context.pool)
        var state = try restoredState(writer) ?? start(writer)
        let audit = settings.auditInterval > 0 ? try GatheredAudit(context, lattice, past: writer.pastPieces) : nil
        try audit?.begin(at: state)

        context.progress.begin(stage: "simulate", total: settings.steps)
        context.progress.update(done: state.step, detail: "")
        let simulation = Simulation(
            integrator: integrator, forceField: lattice.total,
            bounds: PhaseSpaceBounds(displacement: settings.maximumDisplacement), communicator: communicator)
        let outcome: Simulation.Outcome
        do {
            outcome = try simulation.run(
                &state, to: settings.steps, observers: observers(writer, audit),
                shouldStop: { context.interruption.isRequested },
                progress: { context.progress.update(done: $0, detail: order) })
        } catch let error where !(error is StorageError) {
            // The last good state is worth keeping. Where a file could not be written, though, a record of that state may be
            // missing, and the checkpoint before it is the one to go on from.
            if (try? writer.flush()) != nil { try? checkpoint.save(state) }
            if case DynamicsError.diverged = error { try? writeDiverged(after: state, integrator) }
            throw error
        }
        if outcome == .stopped {
            try writer.flush()
            try checkpoint.save(state)
            throw WorkflowInterrupted(communicator.any(context.interruption.reason == .timeLimit) ? .timeLimit : .request)
        }
        do { try writer.close() } catch {
            // What was not merged is there, and worth going on from.
            if (try? writer.flush()) != nil { try? checkpoint.save(state) }
            throw error
        }
        // The last state stays, so that the run can be gone on with for more steps.
        try checkpoint.save(state)
        try context.doOnFirstRank {
            try context.directory.removeLeftovers(ofCheckpoint: checkpoint.path)
            try context.directory.remove(context.directory.diverged)
        }
        context.progress.end(summary: "\(settings.steps) steps of \(lattice.whole.siteCount) sites")
        return true
    }

    /// What was there before: nothing, an unfinished trajectory, one of fewer steps, one that another recipe has begun and that is
    /// forced to go on, or all that is asked for.
    private enum EarlierWork: String, Codable { case none, begun, shorter, changed, finished }

    /// Looks at the files, and prepares the directory unless there is nothing to do. On the first rank.
    private func settle() throws -> EarlierWork {
        let directory = context.directory
        let earlier = directory.exists(path) ? try TrajectoryFile.open(path, lattice: recipe.lattice.geometry) : nil
        if let earlier, earlier.isMerged || context.resume != .fresh {
            let work = try self.work(earlier)
            if earlier.isMerged { try TrajectoryWriter.removeLeftovers(of: path) }
            switch work {
            case .finished:
                guard directory.hasCheckpoint(checkpoint.path) else { return .finished }
                // A kill may come between the merge and the last state: the last steps are made again, and then it is there.
                if let step = try? checkpoint.lastStep(), step < settings.steps {
                    try context.prepareDirectory()
                    return .shorter
                }
                if directory.exists(checkpoint.path) { try directory.removeLeftovers(ofCheckpoint: checkpoint.path) }
                return .finished
            case .shorter, .changed:
                try context.prepareDirectory()
                return work
            case .none, .begun: break
            }
        }
        let hasCheckpoint = directory.hasCheckpoint(checkpoint.path)
        try context.settleUnfinished(stage: "simulation", exists: earlier != nil || hasCheckpoint) {
            try TrajectoryWriter.remove(path)
            try directory.removeCheckpoint(checkpoint.path)
        }
        try context.prepareDirectory()
        if directory.exists(path) { return .begun }
        try directory.remove(directory.auditTable)
        return .none
    }

    /// What a trajectory is for this recipe and model.
    ///
    /// - Throws: ``StageError`` unless they can go on with it.
    private func work(_ file: TrajectoryFile) throws -> EarlierWork {
        let carried = try context.requireBeginning(file, modelDigest: modelDigest) { try lastStep(of: file) }
        let earlier = try context.recorded(file.recipe, path: path)
        past = TrajectoryPast(
            of: file, through: carried.isEmpty ? nil : try lastStep(of: file), timeStep: earlier.dynamics.timeStep)
        if !carried.isEmpty { return .changed }
        return earlier.simulate.steps < settings.steps ? .shorter : file.isMerged ? .finished : .begun
    }

    /// The step that another recipe goes on from.
    ///
    /// - Throws: ``StageError/mismatch(path:problem:)`` if there is no state of it, `StorageError`.
    private func lastStep(of file: TrajectoryFile) throws -> Int {
        guard let step = try checkpoint.lastStep(), file.holdsRecords(through: step) else {
            throw StageError.mismatch(
                path: checkpoint.path,
                problem: "holds no state that \(path) can be gone on with by another recipe; `--no-resume` begins again")
        }
        return step
    }

    private var plan: TrajectoryFile.Plan {
        var plan = TrajectoryFile.Plan(
            supercell: lattice.whole, kind: lattice.kind, timeStep: recipe.dynamics.timeStep, steps: settings.steps,
            frameInterval: settings.frameInterval, fields: settings.frameFields,
            observableInterval: settings.observableInterval, observables: observables.observables,
            recipe: recipe.resolvedTOML, forceField: settings.forceField.rawValue, modelDigest: modelDigest, seed: seed)
        plan.past = past
        return plan
    }

    /// The state of the checkpoint; nil if there is none, or none that belongs to this file.
    private func restoredState(_ writer: TrajectoryWriter) throws -> PhaseSpaceState? {
        let state = try checkpoint.restored(
            tracksPotential: lattice.forceField.isConservative, warn: context.progress.warning
        ) { contents in
            let step = try contents.integers("state.step", shape: [])[0]
            // One that does not belong to the file is not gone on with.
            guard writer.holdsRecords(through: step) else { return }
            try context.doOnFirstRank {
                let text = try contents.metadataValue("recipe")
                // The state after which the recipe changed is of the recipe before.
                let isOfPast = try writer.pastPieces.contains { try isSame(text, as: $0.recipe) }
                if !isOfPast { try context.requireSameRecipe(text, path: checkpoint.path, unfinished: .simulate) { step } }
            }
        }
        guard let state else { return nil }
        guard writer.holdsRecords(through: state.step) else {
            context.progress.warning("\(path) ends before step \(state.step) of \(checkpoint.path); beginning again")
            return nil
        }
        return state
    }

    /// Whether two recorded recipes are one for a simulation.
    private func isSame(_ text: String, as other: String) throws -> Bool {
        try text == other
            || StageName.simulate.differences(
                context.recorded(text, path: checkpoint.path), from: context.recorded(other, path: path)
            ).allSatisfy(\.isExtent)
    }

    /// The hot start, recorded in the file and in a first checkpoint.
    private func start(_ writer: TrajectoryWriter) throws -> PhaseSpaceState {
        let state = try HotStart(
            displacementVariance: recipe.dynamics.initialDisplacementVariance,
            velocityVariance: recipe.dynamics.initialVelocityVariance, seed: seed
        ).state(
            on: lattice.domain, kind: lattice.kind, forceField: lattice.total,
            tracksPotential: lattice.forceField.isConservative)
        try write(state, to: writer)
        try writer.writeSample(sample(state), step: 0)
        try writer.flush()
        try checkpoint.save(state)
        return state
    }

    private func observers(_ writer: TrajectoryWriter, _ audit: GatheredAudit?) throws -> [Simulation.Observer] {
        let schedule = CheckpointSchedule(
            interval: settings.checkpointInterval, minutes: settings.checkpointMinutes, interruption: context.interruption)
        let audits = try audit.map { audit in
            try Simulation.Observer(every: settings.auditInterval, key: "simulate.audit_interval", audit.observe)
        }
        return [
            try Simulation.Observer(every: settings.observableInterval, key: "simulate.observable_interval") { state in
                let sample = try self.sample(state)
                try writer.writeSample(sample, step: state.step)
                self.order = self.text(of: sample)
            },
            try Simulation.Observer(every: settings.frameInterval, key: "simulate.frame_interval") { state in
                try self.write(state, to: writer)
            },
            audits,
            Simulation.Observer(when: { self.communicator.any(schedule.isDue(at: $0)) }) { state in
                try schedule.save {
                    try writer.flush()
                    try self.checkpoint.save(state)
                }
            },
        ].compactMap(\.self)
    }

    private func sample(_ state: PhaseSpaceState) throws -> ObservableSample {
        observables.sample(
            displacement: state.displacement, velocity: isOverdamped ? nil : state.velocity,
            density: try lattice.density(of: state), potential: state.potential)
    }

    private lazy var lengthRange = DomainLengthRange(lattice.whole)

    /// `L = 13.1, k_BT = 0.117`, as far as they are defined.
    private func text(of sample: ObservableSample) -> String {
        func value(_ observable: ScalarObservable) -> Double { sample[observable.name] ?? .nan }
        let length = lengthRange.domainLength(value(.domainLength), halfHeight: value(.correlationLength))
        return [("L", length), ("k_BT", value(.kineticTemperature))].filter { $0.1.isFinite }
            .map { "\($0.0) = \(TerminalNumber.text($0.1, digits: 3))" }.joined(separator: ", ")
    }

    private func write(_ state: PhaseSpaceState, to writer: TrajectoryWriter) throws {
        // Slabs may be the memory of the fields themselves, which therefore have to live until the frame is written.
        let density = settings.frameFields.contains(.density) ? try lattice.density(of: state) : nil
        try withExtendedLifetime((state, density)) {
            try writer.writeFrame(step: state.step) { field in
                switch field {
                case .displacement: lattice.collect(state.displacement)
                case .velocity: lattice.collect(state.velocity)
                case .force: lattice.collect(state.force)
                case .density: density.map { lattice.collect($0) }
                }
            }
        }
    }

    /// Writes the configuration after the state, which is out of bounds, for inspection.
    private func writeDiverged(after state: PhaseSpaceState, _ integrator: any Integrator) throws {
        var next = state
        // The force of such a configuration may not exist; the displacement does all the same.
        try? integrator.step(&next, forceField: lattice.total)
        guard let displacement = lattice.gathered(next.displacement) else { return }
        try NPYArray(shape: displacement.shape, values: displacement.values)
            .write(to: context.directory.diverged, nonFinite: .kept)
    }
}

extension StageContext {
    /// Refuses the trajectory of the run unless it is the beginning, or all, of what this recipe and model make.
    ///
    /// - Parameter lastStep: the step that another recipe would go on from, if the user forces it to.
    /// - Returns: the keys with their values in which the recipe differs that is gone on with by force.
    /// - Throws: ``StageError`` if another recipe or another model made it, if it has more steps, or if it has ended and its last
    ///   state is not there to go on from.
    @discardableResult
    func requireBeginning(
        _ file: TrajectoryFile, modelDigest: String, goingOnFrom lastStep: () throws -> Int? = { nil }
    ) throws -> [String] {
        let (path, checkpoint, settings) = (directory.trajectory, directory.simulationCheckpoint, recipe.simulate)
        let steps = try recorded(file.recipe, path: path).simulate.steps
        func requireModelAndSteps() throws {
            guard file.modelDigest == modelDigest else {
                throw StageError.mismatch(
                    path: path,
                    problem: "was made with another \(directory.model); choose another --output, or " + again(.simulate))
            }
            guard steps <= settings.steps else {
                throw StageError.mismatch(
                    path: path,
                    problem: "was made for \(steps) steps, more than simulate.steps = \(settings.steps); "
                        + "choose another --output or more steps, or \(again(.simulate))")
            }
        }
        var carried: [String] = []
        if file.isMerged {
            try requireSameRecipe(file.recipe, path: path, of: .simulate, isExtensible: true)
        } else {
            carried = try requireSameRecipe(file.recipe, path: path, unfinished: .simulate) {
                try requireModelAndSteps()
                return try lastStep()
            }
        }
        try requireModelAndSteps()
        guard steps == settings.steps || !file.isMerged || directory.hasCheckpoint(checkpoint) else {
            throw StageError.mismatch(
                path: checkpoint,
                problem: "is not there, so that \(path) cannot go on for more steps; " + again(.simulate))
        }
        return carried
    }
}
