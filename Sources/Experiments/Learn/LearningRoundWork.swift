import Electrons
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Observables
import Recipes
import Runs
import Storage

/// One round of active learning: training, learned dynamics, selection, exact labels, audit.
///
/// What is finished is kept in the folder of the round, so that a round that was stopped anywhere goes on from there.
struct LearningRoundWork {
    let context: StageContext
    let settings: LearnSettings
    let supercell: Supercell
    /// Counted from 1.
    let number: Int
    let folder: RoundDirectory
    let data: TrainingData
    /// SHA-256 of what `data` were read from.
    let datasetDigest: String

    private var recipe: Recipe { context.recipe }
    private var directory: RunDirectory { context.directory }

    func run() throws -> LearningRound {
        if directory.exists(folder.record) {
            _ = try context.model(ofRound: folder, datasetDigest: datasetDigest)
            try removeIntermediates()
            return try JSONFile.read(LearningRound.self, from: folder.record)
        }
        let model = try trained()
        let forces = UncertainForces(
            model, on: supercell, singlePrecision: recipe.simulate.precision == .float32,
            tiling: recipe.simulate.tiling, pool: context.pool)
        let trajectories = try trajectories(model)
        let selection = try selection(trajectories, forces)
        let labelled = try labelled(selection, trajectories)
        let record = try record(model, forces, selection, labelled, stopped: trajectories.count { $0.stoppedStep != nil })
        try JSONFile.write(record, to: folder.record)
        try removeIntermediates()
        context.progress.message(
            "round \(number): \(record.configurations) configurations, "
                + "validation RMSE \(TerminalNumber.text(record.validationError)), "
                + "disagreement \(TerminalNumber.text(record.disagreement)), audit RMSE "
                + TerminalNumber.text(record.auditError, error: record.auditUncertainty, errorDigits: 2))
        return record
    }

    private func title(_ part: String) -> String { "learn, round \(number): \(part)" }

    // MARK: The committee

    private func trained() throws -> TrainedModel {
        if directory.exists(folder.model) { return try context.model(ofRound: folder, datasetDigest: datasetDigest) }
        let model = try CommitteeTraining(
            context: context.resuming(.automatic), data: data, datasetDigest: datasetDigest,
            checkpoint: folder.trainingCheckpoint, parts: folder.trainingParts, curve: folder.trainingCurve,
            stage: title("training")
        ).run()
        try ModelFile.write(model, to: folder.model)
        return try ModelFile.read(folder.model)
    }

    // MARK: The learned dynamics

    /// Starts of all rounds share the electrons of the data evenly.
    private func electrons(_ trajectory: Int) -> AdiabaticModel {
        let all = recipe.electrons
        return all[start(trajectory) % all.count]
    }

    /// The number of a start among those of all rounds.
    private func start(_ trajectory: Int) -> Int { (number - 1) * settings.trajectories + trajectory }

    private func trajectories(_ model: TrainedModel) throws -> [LearnedTrajectory] {
        try directory.create(folder.trajectories)
        let dynamics = LearnedDynamics(
            context: context, settings: settings, supercell: supercell, model: model, bound: displacementBound)
        context.progress.begin(stage: title("dynamics"), total: settings.trajectories * settings.steps)
        let trajectories = try (0..<settings.trajectories).map { index in
            try dynamics.trajectory(
                seed: recipe.seed(of: .learn, start(index)), electrons: electrons(index),
                path: folder.trajectories + "/trajectory-\(index).safetensors"
            ) { context.progress.update(done: index * settings.steps + $0, detail: "trajectory \(index + 1)") }
        }
        context.progress.end(summary: "\(trajectories.reduce(0) { $0 + $1.frames.count }) configurations")
        return trajectories
    }

    /// Twice what the data know, and no less than a hot start of any size may reach.
    private var displacementBound: Double {
        let largest = data.whole.training.displacements.map { $0.values.map(abs).max() ?? 0 }.max() ?? 0
        return max(2 * largest, 8 * recipe.dynamics.initialDisplacementVariance.squareRoot(), .leastNormalMagnitude)
    }

    // MARK: The choice of configurations

    private func selection(_ trajectories: [LearnedTrajectory], _ forces: UncertainForces) throws -> FrameSelection {
        if directory.exists(folder.selection) { return try JSONFile.read(FrameSelection.self, from: folder.selection) }
        let source = FrameDisagreement(recipe, source: settings.disagreement, forces: forces, pool: context.pool)
        context.progress.begin(
            stage: title("disagreement"), total: trajectories.reduce(0) { $0 + $1.frames.count })
        var frames: [FrameSelection.Frame] = []
        for (index, trajectory) in trajectories.enumerated() {
            for frame in trajectory.frames {
                try context.interruption.check()
                let values = try source.disagreement(at: frame.displacement, for: electrons(index)).values
                let square = values.reduce(0) { $0 + $1 * $1 }
                frames.append(
                    FrameSelection.Frame(
                        trajectory: index, step: frame.step, disagreement: (square / Double(values.count)).squareRoot(),
                        largestDisagreement: values.max() ?? 0))
                context.progress.update(done: frames.count, detail: "")
            }
        }
        let selection = FrameSelection(frames, picked: settings.configurations, audits: settings.audits)
        try JSONFile.write(selection, to: folder.selection)
        context.progress.end(summary: "\(selection.chosen.count) of \(frames.count) configurations chosen")
        return selection
    }

    // MARK: Exact labels

    /// The chosen configurations, solved; a trajectory for each that has some.
    private func labelled(_ selection: FrameSelection, _ trajectories: [LearnedTrajectory]) throws -> Dataset {
        if directory.exists(folder.dataset) { return try DatasetFile.read(folder.dataset, supercell: supercell) }
        try directory.create(folder.labels)
        let chosen = selection.chosen.map { selection.frames[$0] }
        let share = ThreadShare(pieces: chosen.count, solver: settings.solver, pool: context.pool)
        let solvers = recipe.electrons.map { ($0, recipe.solver(settings.solver, for: $0, pool: share.solution)) }
        let solved = Collected<Dataset.Snapshot>(count: chosen.count)
        let electrons = chosen.map { self.electrons($0.trajectory) }
        context.progress.begin(stage: title("labels"), total: chosen.count)
        try share.pieces.tryForEach(count: chosen.count) { index, _ in
            try context.interruption.check()
            let solver = solvers.first { $0.0 == electrons[index] }!.1
            let snapshot = try label(chosen[index], of: trajectories[chosen[index].trajectory], by: solver, index: index)
            context.progress.update(done: solved.set(snapshot, at: index), detail: "")
        }
        let snapshots = zip(chosen, solved.values)
        let dataset = Dataset(
            supercell: supercell,
            trajectories: trajectories.indices.compactMap { index in
                let own = snapshots.filter { $0.0.trajectory == index }.map(\.1)
                guard !own.isEmpty else { return nil }
                return Dataset.Trajectory(
                    kind: .quench, split: .training, seed: recipe.seed(of: .learn, start(index)),
                    electrons: self.electrons(index), snapshots: own)
            },
            recipe: recipe.resolvedTOML)
        try DatasetFile.write(dataset, to: folder.dataset)
        context.progress.end(summary: "\(chosen.count) configurations of \(supercell.siteCount) sites")
        return dataset
    }

    /// One solution, kept until all are there.
    private func label(
        _ frame: FrameSelection.Frame, of trajectory: LearnedTrajectory, by solver: any SolvedElectrons, index: Int
    ) throws -> Dataset.Snapshot {
        let path = folder.labels + "/label-\(index).safetensors"
        if directory.exists(path) {
            do {
                // The first of many speaks for all.
                let warn = index == 0 ? context.progress.warning : { _ in }
                if let known = try DatasetPart.read(path, supercell: supercell, kind: solver.model.variable.kind, warn: warn)
                    .first
                {
                    return known
                }
            } catch let error as StorageError where error.kind == .malformed {
                context.progress.warning("\(error); making it again")
            }
        }
        let displacement = trajectory.frames.first { $0.step == frame.step }!.displacement
        let solution = try solver.solution(at: displacement)
        let snapshot = Dataset.Snapshot(
            displacement: displacement, density: solution.density, electronicForce: solution.electronicForce,
            force: solution.force,
            potential: solution.potential ?? .nan,
            chemicalPotential: solution.chemicalPotential, step: frame.step, time: Double(frame.step) * settings.timeStep)
        try DatasetPart([snapshot]).save(to: path)
        return snapshot
    }

    // MARK: The audit

    private func record(
        _ model: TrainedModel, _ forces: UncertainForces, _ selection: FrameSelection, _ labelled: Dataset, stopped: Int
    ) throws -> LearningRound {
        var exact: [FrameSelection.Purpose: [Double]] = [:]
        var learned = exact
        var meanSquares: [Double] = []
        // Trajectory after trajectory, each in the order of time: as the labels were stored.
        let snapshots = labelled.trajectories.flatMap { trajectory in trajectory.snapshots.map { (trajectory.electrons, $0) } }
        for (index, (electrons, snapshot)) in zip(selection.chosen, snapshots) {
            let purpose = selection.frames[index].purpose!
            let truth = snapshot.electronicForce.values
            let answer = try forces.force(at: snapshot.displacement, for: electrons).values
            exact[purpose, default: []] += truth
            learned[purpose, default: []] += answer
            if purpose == .audit {
                let square = zip(answer, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                meanSquares.append(square / Double(truth.count))
            }
        }
        func errors(_ purpose: FrameSelection.Purpose) -> Comparison.ForceErrors.Errors? {
            exact[purpose].map { ForceErrorStatistics.errors(purpose.rawValue, exact: $0, learned: learned[purpose]!) }
        }
        let audit = errors(.audit)!
        let all = selection.frames
        let samples = data.whole.training
        let scatter = meanSquares.count > 1 ? Estimate(independent: meanSquares).standardError : .nan
        return LearningRound(
            round: number, configurations: samples.count, sites: samples.siteCount, validationError: model.validationError,
            frames: all.count, stoppedTrajectories: stopped,
            disagreement: (all.reduce(0) { $0 + $1.disagreement * $1.disagreement } / Double(all.count)).squareRoot(),
            largestDisagreement: all.map(\.largestDisagreement).max() ?? .nan,
            pickedError: errors(.picked)?.rootMeanSquare ?? .nan, auditError: audit.rootMeanSquare,
            auditUncertainty: scatter / (2 * audit.rootMeanSquare), auditPercentile99: audit.percentiles[2],
            auditMaximum: audit.maximum)
    }

    /// Removes what is needed no more once the record is there.
    private func removeIntermediates() throws {
        for path in [folder.trajectories, folder.labels, folder.trainingParts, folder.recipe] { try directory.remove(path) }
        try directory.removeCheckpoint(folder.trainingCheckpoint)
    }
}
