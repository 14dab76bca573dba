import Dynamics
import Electrons
import Foundation
import Lattices
import Models
import Recipes
import Runs
import Storage

/// Configurations along a quench that a learned force has driven.
struct LearnedTrajectory: Sendable {
    struct Frame: Sendable {
        let step: Int
        let displacement: SiteField
    }

    /// From the hot start on, in the order of time.
    let frames: [Frame]
    /// The step after which it was stopped because it left all bounds; nil if it went to its end.
    let stoppedStep: Int?

    private static let stoppedName = "stopped_step"

    /// Tensors of a checkpointed file.
    static func tensors(_ frames: [Frame], stoppedStep: Int? = nil) -> [Safetensors.Tensor] {
        return [
            .init(name: "step", shape: [frames.count], values: .int64(frames.map { Int64($0.step) })),
            .init(
                name: "displacement", shape: [frames.count] + (frames.first?.displacement.shape ?? []),
                values: .float64(frames.flatMap(\.displacement.values))),
            .init(name: stoppedName, shape: [], values: .int64([Int64(stoppedStep ?? -1)])),
        ]
    }

    /// - Throws: `StorageError` if a tensor is missing, has another shape, or is not finite.
    init(_ file: Safetensors, supercell: Supercell, kind: SiteVariable.Kind) throws {
        let steps = try file.integers("step")
        let shape = [steps.count] + SiteField.shape(on: supercell, kind: kind)
        let values = try file.fieldValues("displacement", shape: shape)
        guard values.allSatisfy(\.isFinite) else {
            throw StorageError(.malformed, path: file.path, problem: "'displacement' holds numbers that are not finite")
        }
        frames = zip(steps, SiteField.fields(on: supercell, kind: kind, of: values)).map(Frame.init)
        let stopped = try file.integers(Self.stoppedName, shape: [])[0]
        stoppedStep = stopped < 0 ? nil : stopped
    }
}

/// Runs quenches with a learned force and keeps configurations of them.
///
/// A trajectory that is interrupted goes on from its last state, with the same bits; one whose displacements leave the bound
/// is stopped, and the configurations before that are kept: a bad early model must not stop the learning.
struct LearnedDynamics {
    let context: StageContext
    let settings: LearnSettings
    let supercell: Supercell
    let model: TrainedModel
    /// The largest |Q| that is taken for a configuration of the model.
    let bound: Double

    private var recipe: Recipe { context.recipe }

    /// - Parameters:
    ///   - path: where it is kept; what is there is read.
    ///   - progress: called with the number of steps done.
    /// - Throws: ``WorkflowInterrupted``, `StorageError`, and what the force throws.
    func trajectory(
        seed: UInt64, electrons: AdiabaticModel, path: String, progress: @escaping (Int) -> Void
    ) throws -> LearnedTrajectory {
        if let finished = try finished(path) {
            progress(settings.steps)
            return finished
        }
        let learned = try model.forceField(
            on: supercell, conditions: electrons, singlePrecision: recipe.simulate.precision == .float32,
            tiling: recipe.simulate.tiling, pool: context.pool)
        let forceField = AdiabaticForceField(learned: learned, model: electrons, on: supercell).total
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: settings.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: electrons.temperature, seed: seed, pool: context.pool)
        let checkpoint = path + ".checkpoint"
        var frames: [LearnedTrajectory.Frame]
        var state: PhaseSpaceState
        if let contents = try context.restoredCheckpoint(checkpoint) {
            state = try StateTensors.state(
                from: contents, on: supercell, kind: model.model.kind, seed: seed, tracksPotential: false)
            frames = try LearnedTrajectory(contents, supercell: supercell, kind: model.model.kind).frames
        } else {
            state = try HotStart(
                displacementVariance: recipe.dynamics.initialDisplacementVariance,
                velocityVariance: recipe.dynamics.initialVelocityVariance, seed: seed
            ).state(on: supercell, kind: model.model.kind, forceField: forceField)
            frames = [LearnedTrajectory.Frame(step: 0, displacement: state.displacement)]
        }
        func save(_ state: PhaseSpaceState) throws {
            try Checkpoint(tensors: StateTensors.tensors(of: state) + LearnedTrajectory.tensors(frames)).save(to: checkpoint)
        }
        var saved = ContinuousClock.now
        let observers = [
            try Simulation.Observer(every: settings.interval, key: "learn.interval") { state in
                frames.append(LearnedTrajectory.Frame(step: state.step, displacement: state.displacement))
                if ContinuousClock.now - saved > .seconds(10) {
                    try save(state)
                    saved = .now
                }
            }
        ]
        var stoppedStep: Int?
        do {
            let simulation = Simulation(
                integrator: integrator, forceField: forceField, bounds: PhaseSpaceBounds(displacement: bound))
            let outcome = try simulation.run(
                &state, to: settings.steps, observers: observers, shouldStop: { context.interruption.isRequested },
                progress: progress)
            if outcome == .stopped {
                try save(state)
                throw WorkflowInterrupted()
            }
        } catch let error as DynamicsError {
            guard case .diverged = error else { throw error }
            stoppedStep = state.step
            context.progress.warning("the learned dynamics was stopped: \(error)")
        }
        try Checkpoint(tensors: LearnedTrajectory.tensors(frames, stoppedStep: stoppedStep)).save(to: path)
        try context.directory.removeCheckpoint(checkpoint)
        return try finished(path)!
    }

    /// What an earlier run has finished; nil if there is nothing, or if the file is damaged.
    private func finished(_ path: String) throws -> LearnedTrajectory? {
        guard context.directory.exists(path) else { return nil }
        do {
            guard let restored = try Checkpoint.load(path) else { return nil }
            if let warning = restored.warning { context.progress.warning(warning) }
            return try LearnedTrajectory(restored.checkpoint.contents, supercell: supercell, kind: model.model.kind)
        } catch let error as StorageError where error.kind == .malformed {
            context.progress.warning("\(error); making it again")
            return nil
        }
    }
}
