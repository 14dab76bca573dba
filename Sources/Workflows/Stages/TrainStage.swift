import Foundation
import Storage

extension Stages {
    /// Fits the network to `dataset.h5`: `model.safetensors` with the best weights, `training.csv` with the learning curve.
    ///
    /// The state is saved to `training.checkpoint` between epochs; an epoch that was interrupted is repeated, with the same bits.
    /// The last state stays there when training is finished. Of a committee that is the first member; the states of the others are
    /// in `training.parts` until the model is written. Ranks share the work on every batch, and all have the same state.
    public static func train(_ context: StageContext) throws -> StageSummary {
        try context.requirePeriodic(stage: "train")
        let context = try context.resolved()
        return try context.recorded {
            let (directory, path) = (context.directory, context.directory.model)
            let done = try context.onFirstRank {
                try context.isComplete(path, stage: "train", sections: CommitteeTraining.sections) {
                    try ModelFile.read($0).recipe
                }
            }
            let wrapped = context.warnOfWrappedForces(in: "train")
            let model = done ? nil : try trained(context)
            return try context.onFirstRank {
                if let model { try ModelFile.write(model, to: path) }
                // Also what a kill between these two steps leaves.
                try directory.remove(directory.trainingParts)
                return StageSummary(
                    stage: "train", ran: !done, outputs: [path, directory.trainingCurve],
                    facts: facts(of: try ModelFile.read(path)) + wrapped)
            }
        }
    }

    private static func facts(of model: TrainedModel) -> [StageSummary.Fact] {
        var facts = [
            StageSummary.Fact("parameters", "\(model.parameters.count)"),
            .init("validation RMSE of the electronic force", String(format: "%.4g", model.validationError)),
            .init("best epoch", "\(model.epoch)"),
        ]
        if model.members.count > 1 {
            let (factor, floor) = (model.calibration.factor, model.calibration.floor)
            facts.append(
                .init(
                    "committee",
                    String(format: "%d members, σ² = (%.3g)² + (%.3g · spread)²", model.members.count, floor, factor)))
        }
        return facts
    }

    private static func trained(_ context: StageContext) throws -> TrainedModel {
        try context.recipe.requireConditionedNetwork()
        let (dataset, digest) = try context.onEveryRank { try context.dataset() }
        try context.doOnFirstRank { try context.prepareDirectory() }
        let directory = context.directory
        return try CommitteeTraining(
            context: context, data: TrainingData(dataset), datasetDigest: digest, checkpoint: directory.trainingCheckpoint,
            parts: directory.trainingParts, curve: directory.trainingCurve, stage: "train"
        ).run()
    }
}

extension StageContext {
    /// The exact data of the run and their SHA-256.
    ///
    /// - Throws: ``StageError`` if they are missing or were made by another recipe, `StorageError`.
    func dataset() throws -> (dataset: Dataset, digest: String) {
        let path = directory.dataset
        guard directory.exists(path) else { throw StageError.missingInput(path: path, stage: "generate") }
        let dataset = try DatasetFile.read(path, supercell: recipe.supercell)
        try requireSameRecipe(dataset.recipe, path: path, sections: [.lattice, .model, .dynamics, .generate])
        let digest = try Digest.sha256(ofFile: path)
        warnIfChanged(path, digest: digest)
        return (dataset, digest)
    }
}
