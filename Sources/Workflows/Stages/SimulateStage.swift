import Dynamics
import ElectronicStructure
import EquivariantNetworks
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Storage

extension Stages {
    /// The quench of the large lattice: hot start, then dynamics at k_BT, into `trajectory.h5`.
    ///
    /// The state is saved to `simulation.checkpoint` every `checkpoint_interval` steps and on interruption.
    public static func simulate(_ context: StageContext) throws -> StageSummary {
        let context = try context.resolved()
        return try context.recorded {
            let path = context.directory.trajectory
            let stage = try SimulateStage(context)
            let ran = try stage.run()
            let file = try TrajectoryFile.open(path, lattice: context.recipe.lattice.geometry)
            var facts = [StageSummary.Fact("steps", "\(context.recipe.simulate.steps)"), .init("frames", "\(file.frameCount)")]
            for name in ["order_parameter", "domain_length", "kinetic_temperature"] {
                if let last = try file.observable(name).last {
                    facts.append(.init("final " + name.replacing("_", with: " "), String(format: "%.4g", last)))
                }
            }
            let table = context.directory.auditTable
            guard context.directory.exists(table) else {
                return StageSummary(stage: "simulate", ran: ran, outputs: [path], facts: facts)
            }
            let errors = try AuditTable.read(table).map(\.rootMeanSquare)
            if let largest = errors.max(), let last = errors.last {
                facts.append(.init("force RMSE, largest and last audit", String(format: "%.4g, %.4g", largest, last)))
            }
            return StageSummary(stage: "simulate", ran: ran, outputs: [path, table], facts: facts)
        }
    }
}

/// One run of the stage.
private final class SimulateStage {
    static let sections: Set<Recipe.Section> = [.lattice, .model, .dynamics, .simulate]
    /// What audits look at does not change the trajectory.
    static let auditKeys = ["simulate.audit_"]

    private let context: StageContext
    private let recipe: Recipe
    private let supercell: Supercell
    private let path: String
    private let forceField: AdiabaticForceField
    private let modelDigest: String
    private let isOverdamped: Bool

    init(_ context: StageContext) throws {
        self.context = context
        recipe = context.recipe
        supercell = recipe.supercell(recipe.simulate.size)
        path = context.directory.trajectory
        isOverdamped = recipe.dynamics.integrator == .overdamped
        switch recipe.simulate.forceField {
        case .solver(let name):
            forceField = AdiabaticForceField(recipe.solver(name, pool: context.pool), on: supercell)
            modelDigest = ""
        case .model:
            let file = context.directory.model
            guard context.directory.exists(file) else { throw StageError.missingInput(path: file, stage: "train") }
            let model = try ModelFile.read(file)
            // The seed; the electrons may be others that the model knows.
            try context.requireSameRecipe(model.recipe, path: file, sections: [])
            try model.requireElectrons(recipe.model, path: file)
            modelDigest = try Digest.sha256(ofFile: file)
            let learned = try model.forceField(
                on: supercell, conditions: recipe.model, singlePrecision: recipe.simulate.precision == .float32,
                pool: context.pool)
            forceField = AdiabaticForceField(learned: learned, model: recipe.model, on: supercell)
        }
    }

    /// - Returns: false if the trajectory was complete.
    func run() throws -> Bool {
        let settings = recipe.simulate
        let checkpoint = context.directory.simulationCheckpoint
        let isBegun = context.directory.exists(path)
        let hasCheckpoint = context.directory.hasCheckpoint(checkpoint)
        if isBegun {
            let file = try TrajectoryFile.open(path, lattice: recipe.lattice.geometry)
            let isFinished = file.isComplete && !hasCheckpoint
            // Unfinished work of another recipe or model may be discarded, a finished trajectory never.
            if isFinished || context.resume != .fresh { try requireSameOrigin(file) }
            if isFinished { return false }
        }
        try context.settleUnfinished(stage: "simulation", exists: isBegun || hasCheckpoint) {
            try context.directory.remove(path)
            try context.directory.removeCheckpoint(checkpoint)
        }
        try context.prepareDirectory()

        let seed = recipe.seed(of: .simulate)
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: recipe.model.temperature, seed: seed, pool: context.pool)
        let observables = ObservableSet(supercell, mass: recipe.dynamics.mass)
        if !context.directory.exists(path) {
            let plan = TrajectoryFile.Plan(
                supercell: supercell, timeStep: recipe.dynamics.timeStep, steps: settings.steps,
                frameInterval: settings.frameInterval,
                observableInterval: settings.observableInterval, observables: observables.observables,
                recipe: recipe.resolvedTOML,
                forceField: settings.forceField.rawValue, modelDigest: modelDigest, seed: seed)
            try context.directory.remove(context.directory.auditTable)
            try TrajectoryFile.create(path, plan)
        }
        let file = try TrajectoryFile.resume(path, lattice: recipe.lattice.geometry)

        var state = try restoredState(file) ?? start(file, observables, seed: seed)
        let audit = settings.auditInterval > 0 ? try SimulationAudit(context, on: supercell) : nil
        try audit?.begin(at: state, force: electronicForce(on: state))

        context.progress.begin(stage: "simulate", total: settings.steps)
        context.progress.update(done: state.step, detail: "")
        var order = ""
        let audits = try audit.map { audit in
            try Simulation.Observer(every: audit.interval, key: "simulate.audit_interval") { state in
                try audit.observe(state, force: self.electronicForce(on: state))
            }
        }
        let observers = [
            try Simulation.Observer(every: settings.observableInterval, key: "simulate.observable_interval") { state in
                let sample = self.sample(state, observables)
                try file.writeSample(sample, step: state.step)
                order = String(
                    format: "L = %.3g, k_BT = %.3g", sample["domain_length"] ?? .nan, sample["kinetic_temperature"] ?? .nan)
            },
            try Simulation.Observer(every: settings.frameInterval, key: "simulate.frame_interval") { state in
                try file.writeFrame(state, density: self.density(of: state))
            },
            audits,
            try Simulation.Observer(every: settings.checkpointInterval, key: "simulate.checkpoint_interval") { state in
                try file.flush()
                try self.save(state)
            },
            try Simulation.Observer(every: 1) { self.context.progress.update(done: $0.step, detail: order) },
        ].compactMap(\.self)
        let bounds = PhaseSpaceBounds(displacement: settings.maximumDisplacement)
        let simulation = Simulation(integrator: integrator, forceField: forceField.total, bounds: bounds)
        let outcome: Simulation.Outcome
        do {
            outcome = try simulation.run(&state, to: settings.steps, observers: observers) { context.interruption.isRequested }
        } catch let error where !(error is StorageError) {
            // The last good state is worth keeping. Where a file could not be written, though, a record of that state may be
            // missing, and the checkpoint before it is the one to go on from.
            try? file.flush()
            try? save(state)
            throw error
        }
        try file.flush()
        if outcome == .stopped {
            try save(state)
            throw WorkflowInterrupted()
        }
        try file.close()
        // Without a checkpoint beside it, a complete trajectory is a finished one.
        try context.directory.removeCheckpoint(checkpoint)
        context.progress.end(summary: "\(settings.steps) steps of \(supercell.siteCount) sites")
        return true
    }

    /// - Throws: ``StageError`` if another recipe or another model made the file.
    private func requireSameOrigin(_ file: TrajectoryFile) throws {
        try context.requireSameRecipe(file.recipe, path: path, sections: Self.sections, ignoring: Self.auditKeys)
        guard file.modelDigest == modelDigest else {
            throw StageError.mismatch(
                path: path, problem: "was made with another \(context.directory.model); choose another --output")
        }
    }

    /// The state of the checkpoint; nil if there is none, or none that belongs to this file.
    private func restoredState(_ file: TrajectoryFile) throws -> PhaseSpaceState? {
        let checkpoint = context.directory.simulationCheckpoint
        guard let contents = try context.restoredCheckpoint(checkpoint) else { return nil }
        try context.requireSameRecipe(
            try contents.metadataValue("recipe"), path: checkpoint, sections: Self.sections, ignoring: Self.auditKeys)
        let state = try StateTensors.state(from: contents, on: supercell, tracksPotential: forceField.isConservative)
        guard file.holdsRecords(through: state.step) else {
            context.progress.warning("\(path) ends before step \(state.step) of \(checkpoint); beginning again")
            return nil
        }
        return state
    }

    /// The hot start, recorded in the file and in a first checkpoint.
    private func start(_ file: TrajectoryFile, _ observables: ObservableSet, seed: UInt64) throws -> PhaseSpaceState {
        let state = try HotStart(
            displacementVariance: recipe.dynamics.initialDisplacementVariance,
            velocityVariance: recipe.dynamics.initialVelocityVariance, seed: seed
        ).state(on: supercell, forceField: forceField.total, tracksPotential: forceField.isConservative)
        try file.writeFrame(state, density: density(of: state))
        try file.writeSample(sample(state, observables), step: 0)
        try file.flush()
        try save(state)
        return state
    }

    private func sample(_ state: PhaseSpaceState, _ observables: ObservableSet) -> ObservableSample {
        observables.sample(
            displacement: state.displacement, velocity: isOverdamped ? nil : state.velocity, density: density(of: state),
            potential: state.potential)
    }

    private func electronicForce(on state: PhaseSpaceState) throws -> SiteField {
        try forceField.electronicForce(displacement: state.displacement, force: state.force)
    }

    private func density(of state: PhaseSpaceState) -> SiteField? {
        forceField.density(displacement: state.displacement, force: state.force)
    }

    private func save(_ state: PhaseSpaceState) throws {
        try Checkpoint(
            tensors: StateTensors.tensors(of: state),
            metadata: ["format": "adiabat-simulation", "recipe": recipe.resolvedTOML, "model_sha256": modelDigest]
        ).save(to: context.directory.simulationCheckpoint)
    }
}
