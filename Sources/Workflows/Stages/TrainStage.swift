import ElectronicStructure
import EquivariantNetworks
import Foundation
import Storage
import Training

extension Stages {
    /// Fits the network to `dataset.h5`: `model.safetensors` with the best weights, `training.csv` with the learning curve.
    ///
    /// The state is saved to `training.checkpoint` between epochs; an epoch that was interrupted is repeated, with the same bits.
    /// The last state stays there when training is finished.
    public static func train(_ context: StageContext) throws -> StageSummary {
        try context.requirePeriodic(stage: "train")
        let context = try context.resolved()
        return try context.recorded {
            let path = context.directory.model
            let done = try context.isComplete(path, sections: TrainStage.sections) { try ModelFile.read($0).recipe }
            if !done { try TrainStage(context).run() }
            let model = try ModelFile.read(path)
            return StageSummary(
                stage: "train", ran: !done, outputs: [path, context.directory.trainingCurve],
                facts: [
                    .init("parameters", "\(model.parameters.count)"),
                    .init("validation RMSE of the electronic force", String(format: "%.4g", model.validationError)),
                    .init("best epoch", "\(model.epoch)"),
                ])
        }
    }
}

/// One run of the stage.
private struct TrainStage {
    static let sections: Set<Recipe.Section> = [.lattice, .model, .dynamics, .generate, .network, .training]

    let context: StageContext

    init(_ context: StageContext) {
        self.context = context
    }

    func run() throws {
        let (recipe, directory) = (context.recipe, context.directory)
        guard directory.exists(directory.dataset) else {
            throw StageError.missingInput(path: directory.dataset, stage: "generate")
        }
        let dataset = try DatasetFile.read(directory.dataset, supercell: recipe.supercell)
        try context.requireSameRecipe(
            dataset.recipe, path: directory.dataset, sections: [.lattice, .model, .dynamics, .generate])
        let digest = try Digest.sha256(ofFile: directory.dataset)
        try context.prepareDirectory()

        let training = samples(of: dataset, .training)
        var model = try recipe.network.architecture.model(on: recipe.lattice.geometry, components: .scalar)
        try model.normalize(training)
        var state = TrainingState(
            parameters: model.initialParameters(seed: recipe.seed(of: .training)), damping: recipe.training.initialDamping)
        if let restored = try unfinished(digest) { state = try TrainingCheckpoint.state(from: restored, model: &model) }

        let trainer = try Trainer(
            model: model, data: TrainingSet(training: training, validation: samples(of: dataset, .validation)),
            options: recipe.training, seed: recipe.seed(of: .training), pool: context.pool)
        let options = recipe.training
        context.progress.begin(stage: "train", total: trainer.epochs * trainer.sitesPerEpoch)
        while !trainer.isFinished(state) {
            let before = state.epoch * trainer.sitesPerEpoch
            let known = state.history.last.map { String(format: "validation RMSE %.4g", $0.validationError) } ?? ""
            let completed = try trainer.runEpoch(&state) { sites, loss in
                context.progress.update(done: before + sites, detail: String(format: "loss %.4g, ", loss) + known)
                return !context.interruption.isRequested
            }
            if !completed || state.epoch % options.checkpointInterval == 0 || trainer.isFinished(state) {
                if state.epoch > 0 {
                    try TrainingCheckpoint.checkpoint(state, model: model, recipe: recipe.resolvedTOML, datasetDigest: digest)
                        .save(to: directory.trainingCheckpoint)
                    try writeCurve(state)
                }
            }
            if !completed { throw WorkflowInterrupted() }
        }
        try writeCurve(state)
        let best = state.history.min { $0.validationError < $1.validationError }!
        let trained = TrainedModel(
            model: model, parameters: state.best, recipe: recipe.resolvedTOML, datasetDigest: digest, epoch: best.epoch,
            validationError: best.validationError)
        // Before the model, which is the sign that all is done.
        try directory.removeLeftovers(ofCheckpoint: directory.trainingCheckpoint)
        try ModelFile.write(trained, to: directory.model)
        context.progress.end(
            summary: String(
                format: "validation RMSE %.4g after %d epochs (best: %d)", best.validationError, state.epoch, best.epoch))
    }

    /// The checkpoint of an earlier run of this recipe on this dataset.
    private func unfinished(_ digest: String) throws -> Safetensors? {
        let path = context.directory.trainingCheckpoint
        try context.settleUnfinished(stage: "training", exists: context.directory.hasCheckpoint(path)) {
            try context.directory.removeCheckpoint(path)
        }
        guard let contents = try context.restoredCheckpoint(path) else { return nil }
        try context.requireSameRecipe(try contents.metadataValue("recipe"), path: path, sections: Self.sections)
        guard try contents.metadataValue("dataset_sha256") == digest else {
            throw StageError.mismatch(path: path, problem: "was made with another dataset; `--no-resume` discards it")
        }
        return contents
    }

    private func samples(of dataset: Dataset, _ split: Dataset.Split) -> ForceSamples {
        let snapshots = dataset.snapshots(split)
        let model = context.recipe.model
        return ForceSamples(
            displacements: snapshots.map(\.displacement), forces: snapshots.map { model.electronicForce(from: $0.density) },
            conditions: snapshots.map { _ in model })
    }

    private func writeCurve(_ state: TrainingState) throws {
        let lines = [EpochRecord.columns] + state.history.map(\.row)
        try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: context.directory.trainingCurve)
    }
}
