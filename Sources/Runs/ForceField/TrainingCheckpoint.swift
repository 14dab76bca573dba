import LearnedForces
import Storage
import Training

/// `training.checkpoint`: the state of a training run between two epochs.
package enum TrainingCheckpoint {
    /// In the metadata: the learning rates of a training that has gone on for more epochs than it was begun for.
    package static let schedulesKey = "schedules"

    package static func checkpoint(
        _ state: TrainingState, model: any ForceModel, recipe: String, datasetDigest: String, schedules: String? = nil
    ) -> Checkpoint {
        func vector(_ name: String, _ values: [Double]) -> Safetensors.Tensor {
            .init(name: name, shape: [values.count], values: .float64(values))
        }
        func matrix(_ name: String, _ rows: [[Double]]) -> Safetensors.Tensor {
            .init(name: name, shape: [rows.count, state.parameters.count], values: .float64(rows.flatMap(\.self)))
        }
        func integer(_ name: String, _ value: Int) -> Safetensors.Tensor {
            .init(name: name, shape: [], values: .int64([Int64(value)]))
        }
        let history = state.history
        return Checkpoint(
            tensors: [
                vector("parameters", state.parameters), vector("average", state.average), vector("best", state.best),
                vector("adam.first_moment", state.optimizer.firstMoment),
                vector("adam.second_moment", state.optimizer.secondMoment),
                integer("adam.step", state.optimizer.step), vector("plateau.reduction", [state.plateauReduction]),
                integer("plateau.epochs", state.epochsWithoutReduction),
                integer("stopping.epochs", state.epochsWithoutImprovement),
                vector("damping", [state.damping]),
                matrix("curvature.steps", state.curvature.steps), matrix("curvature.changes", state.curvature.changes),
                .init(name: "history.step", shape: [history.count], values: .int64(history.map { Int64($0.step) })),
                vector("history.learning_rate", history.map(\.learningRate)), vector("history.loss", history.map(\.loss)),
                vector("history.validation_error", history.map(\.validationError)),
                vector("history.validation_absolute_error", history.map(\.validationAbsoluteError)),
            ] + model.constants.sorted { $0.key < $1.key }.map { vector($0.key, $0.value) },
            metadata: ["format": "adiabat-training", "recipe": recipe, "dataset_sha256": datasetDigest]
                .merging(schedules.map { [schedulesKey: $0] } ?? [:]) { $1 })
    }

    /// - Throws: `StorageError` if the tensors do not fit the model.
    package static func state(from file: Safetensors, model: inout any ForceModel) throws -> TrainingState {
        let count = model.layout.count
        func vector(_ name: String, _ length: Int) throws -> [Double] { try file.doubles(name, shape: [length]) }
        func integer(_ name: String) throws -> Int { try file.integers(name, shape: [])[0] }
        try file.validateFinite()
        let steps = try file.integers("history.step")
        let rates = try vector("history.learning_rate", steps.count)
        let losses = try vector("history.loss", steps.count)
        let errors = try vector("history.validation_error", steps.count)
        let absolute = try vector("history.validation_absolute_error", steps.count)
        for (name, values) in model.constants { model.constants[name] = try vector(name, values.count) }
        let pairs = min(try file.doubles("curvature.steps").count / max(1, count), 1 << 16)
        func rows(_ name: String) throws -> [[Double]] {
            let values = try file.doubles(name, shape: [pairs, count])
            return (0..<pairs).map { Array(values[$0 * count..<($0 + 1) * count]) }
        }
        return TrainingState(
            parameters: try vector("parameters", count), average: try vector("average", count),
            optimizer: Adam(
                firstMoment: try vector("adam.first_moment", count), secondMoment: try vector("adam.second_moment", count),
                step: try integer("adam.step")),
            plateauReduction: try vector("plateau.reduction", 1)[0], epochsWithoutReduction: try integer("plateau.epochs"),
            epochsWithoutImprovement: try integer("stopping.epochs"),
            damping: try vector("damping", 1)[0],
            curvature: CurvatureHistory(steps: try rows("curvature.steps"), changes: try rows("curvature.changes")),
            best: try vector("best", count),
            history: steps.indices.map {
                EpochRecord(
                    epoch: $0 + 1, step: steps[$0], learningRate: rates[$0], loss: losses[$0], validationError: errors[$0],
                    validationAbsoluteError: absolute[$0])
            })
    }
}
