import ForceFields
import Foundation
import LearnedForces
import Recipes
import Runs
import Storage
import Training

/// Fits the models of a committee, one after the other: the first to all the data, the others to resamplings of it. The one with the
/// lowest validation error answers.
///
/// The state of each is saved between epochs. An epoch that was interrupted is repeated, with the same bits; members that are
/// finished are not trained again. All ranks train together; the first one has the files.
struct CommitteeTraining {
    let context: StageContext
    let data: TrainingData
    /// SHA-256 of what the data were read from.
    let datasetDigest: String
    /// The checkpoint of the first member.
    let checkpoint: String
    /// A folder for those of the others.
    let parts: String
    /// Where the learning curve is written: that of the first member while it is trained, then that of the answering one.
    let curve: String
    /// What the progress line calls it.
    let stage: String
    /// Called on the first rank when nothing that is there refuses the training any more.
    var begins: () throws -> Void = {}

    private struct TrainedMember {
        let member: TrainedModel.Member
        let best: EpochRecord
        let history: [EpochRecord]
        let schedules: String?
    }

    /// Models that Laplace's approximation draws around the one that was fitted.
    static let laplaceDraws = 16

    private var recipe: Recipe { context.recipe }

    /// - Returns: the committee, calibrated. The checkpoints of all members are left, to go on from or for the caller to remove.
    /// - Throws: ``WorkflowInterrupted``, ``StageError`` for checkpoints of another recipe or dataset, `TrainingError`.
    func run() throws -> TrainedModel {
        try context.doOnFirstRank {
            try context.settleUnfinished(
                stage: "training", exists: context.directory.hasCheckpoint(checkpoint) || context.directory.exists(parts)
            ) {
                try context.directory.removeCheckpoint(checkpoint)
                try context.directory.remove(parts)
            }
            if recipe.training.committee > 1 { try context.directory.create(parts) }
        }
        let options = recipe.training
        let isLeastSquares = options.optimizer == .levenbergMarquardt
        context.progress.begin(stage: stage, total: options.committee * work + (isLeastSquares ? sites : 0))
        var trained = try (0..<options.committee).map(train)
        try context.doOnFirstRank {
            for index in trained.indices { try context.directory.removeLeftovers(ofCheckpoint: path(index)) }
        }
        trained.insert(
            trained.remove(at: trained.indices.min { trained[$0].best.validationError < trained[$1].best.validationError }!),
            at: 0)
        let answer = trained[0]
        try context.doOnFirstRank { try writeCurve(answer.history) }
        let curvature = isLeastSquares ? try curvature(answer.member) : nil
        var members = trained.map(\.member)
        if options.uncertainty == .laplace {
            members += curvature!.draws(Self.laplaceDraws, around: answer.member.parameters, seed: recipe.seed(of: .training))
                .map { TrainedModel.Member(model: answer.member.model, parameters: $0) }
        }
        let trivial = data.validation.rootMeanSquareForce
        var summary =
            "validation RMSE \(TerminalNumber.text(answer.best.validationError)), of predicting zero \(TerminalNumber.text(trivial)), "
            + "after \(answer.history.count) epochs (best: \(answer.best.epoch))"
        if trained.count > 1 { summary += ", committee of \(trained.count)" }
        if recipe.training.removesParameters { summary += "; " + Self.size(of: answer.member) }
        context.progress.end(summary: summary)
        let poles = try PoleError(of: answer.member, on: data.validation, pool: context.pool)
        if let warning = poles?.warning(besides: answer.best.validationError) { context.progress.warning(warning) }
        return try calibrated(
            TrainedModel(
                members: members, uncertainty: options.uncertainty, calibration: .none, recipe: recipe.resolvedTOML,
                datasetDigest: datasetDigest, epoch: answer.best.epoch, validationError: answer.best.validationError,
                schedules: answer.schedules, trivialError: trivial, poleError: poles?.rootMeanSquare,
                spectrum: curvature.map { TrainedModel.Spectrum(eigenvalues: $0.eigenvalues, ridge: $0.ridge) }))
    }

    /// The curvature of the loss over all the data.
    private func curvature(_ member: TrainedModel.Member) throws -> FitCurvature {
        let trainer = try Trainer(
            model: member.model, data: data.whole, options: recipe.training, seed: recipe.seed(of: .training), pool: context.pool,
            communicator: context.communicator)
        let found = try trainer.curvature(at: member.parameters) { seen in
            context.progress.update(done: recipe.training.committee * work + seen, detail: "curvature")
            return !context.interruption.isRequested
        }
        guard let found else { throw WorkflowInterrupted() }
        return found
    }

    /// What is left of a model after the removal of parameters.
    private static func size(of member: TrainedModel.Member) -> String {
        let (model, parameters) = (member.model, member.parameters)
        let left = model.removable.map { "\(parameters[$0].count { $0 != 0 }) of \($0.count)" }.joined(separator: ", ")
        return "couplings left by layer: \(left); multiply-adds per site: "
            + "\(model.removingZeros(of: parameters).multiplyAdds) of \(model.multiplyAdds)"
    }

    /// The checkpoint of a member.
    private func path(_ index: Int) -> String { index == 0 ? checkpoint : Self.part(index, in: parts) }

    private static func part(_ index: Int, in parts: String) -> String { parts + "/member-\(index + 1).checkpoint" }

    /// The checkpoint of the second member (1) or a further one of the committee of a run.
    static func part(_ index: Int, in directory: RunDirectory) -> String { part(index, in: directory.trainingParts) }

    /// Visits of sites in the training of the first member; the progress of the others is told in the same number.
    private var work: Int { recipe.training.allEpochs * sites }

    private var sites: Int { data.whole.training.siteCount }

    private func train(_ index: Int) throws -> TrainedMember {
        let seed = recipe.seed(of: .training, index)
        let set = index == 0 ? data.whole : data.resampled(seed: seed)
        var model = try recipe.network.architecture.model(on: recipe.lattice.geometry, kind: recipe.model.variable.kind)
        try model.normalize(set.training)
        let options = recipe.training
        var state = TrainingState(parameters: model.initialParameters(seed: seed), damping: options.initialDamping)
        let path = path(index)
        var schedules: String?
        if let restored = try unfinished(path) {
            state = try TrainingCheckpoint.state(from: restored, model: &model)
            schedules = try schedulesSoFar(restored, state, path: path)
        }
        if index == 0 { try context.doOnFirstRank(begins) }

        let trainer = try Trainer(
            model: model, data: set, options: options, seed: seed, pool: context.pool, communicator: context.communicator)
        let (work, visits) = (work, Double(trainer.epochs * trainer.sitesPerEpoch))
        let name = options.committee > 1 ? "member \(index + 1) of \(options.committee), " : ""
        let schedule = CheckpointSchedule(
            interval: options.checkpointInterval, minutes: SimulateSettings.usualCheckpointMinutes,
            interruption: context.interruption)
        while !trainer.isFinished(state) {
            let before = state.epoch * trainer.sitesPerEpoch
            let known = state.history.last.map { "validation RMSE \(TerminalNumber.text($0.validationError))" } ?? ""
            let completed = try trainer.runEpoch(&state) { seen, loss in
                let done = Int(Double(before + seen) / visits * Double(work))
                context.progress.update(
                    done: index * work + done, detail: name + "loss \(TerminalNumber.text(loss)), " + known)
                return !context.interruption.isRequested
            }
            try context.doOnFirstRank {
                let isDue = schedule.isDue(at: state.epoch)
                guard state.epoch > 0, !completed || isDue || trainer.isFinished(state) else { return }
                try schedule.save {
                    try TrainingCheckpoint.checkpoint(
                        state, model: model, recipe: recipe.resolvedTOML, datasetDigest: datasetDigest, schedules: schedules
                    ).save(to: path)
                    if index == 0 { try writeCurve(state.history) }
                }
            }
            if !completed { throw WorkflowInterrupted() }
        }
        if index == 0, state.epoch < trainer.epochs {
            context.progress.message(
                "training ended after epoch \(state.epoch) of \(trainer.epochs): training.early_stopping_patience = "
                    + "\(options.earlyStoppingPatience)")
        }
        return TrainedMember(
            member: TrainedModel.Member(model: model, parameters: state.best), best: trainer.bestEpoch(state)!,
            history: state.history,
            schedules: schedules.map { $0 + "; then with training.epochs = \(options.epochs)" })
    }

    /// What is to be told of the learning rates of a training that goes on with other epochs than it began with: the cosine of
    /// the present number takes the place of the former from here on.
    private func schedulesSoFar(_ contents: Safetensors, _ state: TrainingState, path: String) throws -> String? {
        let known = contents.metadata[TrainingCheckpoint.schedulesKey]
        let (old, new) = (try recordedRecipe(contents, path).training, recipe.training)
        guard new.epochs != old.epochs, new.optimizer == .adam, new.schedule == .cosine else { return known }
        let piece = "to epoch \(state.epoch) with training.epochs = \(old.epochs)"
        return known.map { $0 + "; " + piece } ?? "cosine " + piece
    }

    private func recordedRecipe(_ contents: Safetensors, _ path: String) throws -> Recipe {
        try context.recorded(try contents.metadataValue("recipe"), path: path)
    }

    /// The checkpoint of an earlier run of this recipe, or of one that did not go as far, on this dataset.
    private func unfinished(_ path: String) throws -> Safetensors? {
        guard let contents = try context.onEveryRank({ try context.restoredCheckpoint(path) }) else { return nil }
        try context.doOnFirstRank {
            try context.requireSameRecipe(try contents.metadataValue("recipe"), path: path, unfinished: .train) {
                try requireBeginning(contents, path)
                return try contents.integers("history.step").count
            }
            try requireBeginning(contents, path)
        }
        return contents
    }

    /// - Throws: ``StageError`` if a state is not the beginning of this training: it is of other data, it was made for more, or its
    ///   descent is over.
    private func requireBeginning(_ contents: Safetensors, _ path: String) throws {
        guard try contents.metadataValue("dataset_sha256") == datasetDigest else {
            throw StageError.mismatch(path: path, problem: "was made with another dataset; `--no-resume` discards it")
        }
        let other = try recordedRecipe(contents, path)
        let (old, new) = (other.training, recipe.training)
        guard new.goesFurther(than: old) else {
            let extents = StageName.train.differences(recipe, from: other).filter(\.isExtent).map(\.text)
            throw StageError.recipeChanged(
                path: path, differences: extents, isUnfinished: false, remedy: context.again(.train))
        }
        let epochs = try contents.integers("history.step").count
        guard new.epochs == old.epochs || new.optimizer != .adam || epochs <= old.epochs else {
            throw StageError.mismatch(
                path: path,
                problem: "has made steps of training.finish_epochs after its training.epochs = \(old.epochs), which can then not "
                    + "become \(new.epochs); more finish_epochs are allowed; \(context.again(.train))"
            )
        }
    }

    /// From the errors of the force and the spread of what tells them on the validation trajectories, for blocks as they are laid
    /// in training and for the mean over all ways to lay them.
    private func calibrated(_ model: TrainedModel) throws -> TrainedModel {
        guard model.uncertainty != .none else { return model }
        var calibrated = model
        calibrated.calibration = try calibration(of: model, tiling: .fixed)
        if recipe.network.hasBlocks { calibrated.meanCalibration = try calibration(of: model, tiling: .mean) }
        return calibrated
    }

    private func calibration(of model: TrainedModel, tiling: BlockTiling) throws -> CommitteeCalibration {
        let samples = data.validation
        // The validation trajectories are those of the dataset, on one supercell.
        let forces = UncertainForces(
            model, on: samples.displacements[0].supercell, singlePrecision: recipe.training.precision == .float32,
            tiling: tiling, pool: context.pool)
        var (errors, spreads): ([Double], [Double]) = ([], [])
        for (k, displacement) in samples.displacements.enumerated() {
            let answer = try forces.force(at: displacement, for: samples.conditions[k])
            errors += zip(answer.values, samples.forces[k].values).map { $0 - $1 }
            spreads += try forces.spread(at: displacement, for: samples.conditions[k]).values
        }
        return CommitteeCalibration(errors: errors, spreads: spreads)
    }

    private func writeCurve(_ history: [EpochRecord]) throws {
        let lines = [EpochRecord.columns] + history.map(\.row)
        try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: curve)
    }
}

extension TrainingOptions {
    /// Forces that the error of one force takes.
    package var forcesOfUncertainty: Int {
        switch uncertainty {
        case .none: 0
        case .committee: committee
        case .laplace: 1 + CommitteeTraining.laplaceDraws
        // As many as the square lattice has operations.
        case .group: 8
        case .tiling: 3
        // The larger patches take about three times as long as those of the answer.
        case .largerPatches: 4
        }
    }

    /// Epochs in all, those of the finish included.
    package var allEpochs: Int { optimizer == .adam ? epochs + finishEpochs : epochs }

    /// Whether it goes at least as far as the other in everything that says how far.
    func goesFurther(than other: TrainingOptions) -> Bool {
        func patience(_ options: TrainingOptions) -> Int {
            options.earlyStoppingPatience == 0 ? .max : options.earlyStoppingPatience
        }
        return epochs >= other.epochs && (optimizer != .adam || finishEpochs >= other.finishEpochs)
            && committee >= other.committee && patience(self) >= patience(other)
    }
}
