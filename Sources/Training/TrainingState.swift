/// Everything a training run needs to go on: saved between epochs, restored to the same bits.
public struct TrainingState: Sendable, Equatable {
    /// The present parameters, as laid out by the network's `layout`.
    public var parameters: [Double]
    /// The moving average of the parameters; equal to them when averaging is off.
    public var average: [Double]
    /// Moments and number of updates.
    public var optimizer: Adam
    /// The reduction that the plateau schedule has applied so far.
    public var plateauReduction: Double
    /// Epochs since the validation error last improved: for the plateau, and for early stopping.
    public var epochsWithoutReduction: Int
    /// Epochs since the validation error was last the lowest of all, for early stopping.
    public var epochsWithoutImprovement: Int
    /// λ of the next step of Levenberg–Marquardt.
    public var damping: Double
    /// What the L-BFGS finish remembers of its last steps.
    public var curvature: CurvatureHistory
    /// The averaged parameters with the lowest validation error.
    public var best: [Double]
    /// One record for each epoch so far.
    public var history: [EpochRecord]

    /// Epochs completed.
    public var epoch: Int { history.count }
    /// The lowest validation error so far, in energy per displacement.
    public var bestError: Double { history.map(\.validationError).min() ?? .infinity }

    /// The state before the first epoch.
    public init(parameters: [Double], damping: Double = 1e-2) {
        self.init(
            parameters: parameters, average: parameters, optimizer: Adam(count: parameters.count), plateauReduction: 1,
            epochsWithoutReduction: 0, epochsWithoutImprovement: 0, damping: damping, curvature: CurvatureHistory(),
            best: parameters, history: [])
    }

    /// A state as restored from a checkpoint.
    public init(
        parameters: [Double], average: [Double], optimizer: Adam, plateauReduction: Double, epochsWithoutReduction: Int,
        epochsWithoutImprovement: Int, damping: Double, curvature: CurvatureHistory, best: [Double], history: [EpochRecord]
    ) {
        self.parameters = parameters
        self.average = average
        self.optimizer = optimizer
        self.plateauReduction = plateauReduction
        self.epochsWithoutReduction = epochsWithoutReduction
        self.epochsWithoutImprovement = epochsWithoutImprovement
        self.damping = damping
        self.curvature = curvature
        self.best = best
        self.history = history
    }
}

/// One line of the learning curve.
public struct EpochRecord: Sendable, Equatable, Codable {
    /// From 1.
    public let epoch: Int
    /// Updates made by the end of the epoch.
    public let step: Int
    /// Of the epoch's last update.
    public let learningRate: Double
    /// The mean loss over the epoch's batches, in units of the network's output scale squared.
    public let loss: Double
    /// Root mean square and mean absolute error of the validation forces with the averaged weights, in energy per displacement.
    public let validationError: Double
    public let validationAbsoluteError: Double

    /// A record of the epoch with these numbers.
    public init(
        epoch: Int, step: Int, learningRate: Double, loss: Double, validationError: Double, validationAbsoluteError: Double
    ) {
        self.epoch = epoch
        self.step = step
        self.learningRate = learningRate
        self.loss = loss
        self.validationError = validationError
        self.validationAbsoluteError = validationAbsoluteError
    }

    /// The header of `training.csv`.
    public static let columns = "epoch,step,learning_rate,loss,validation_rmse,validation_mae"

    /// The record as a line of `training.csv`.
    public var row: String { "\(epoch),\(step),\(learningRate),\(loss),\(validationError),\(validationAbsoluteError)" }
}

/// Training that cannot go on.
public enum TrainingError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The loss or a gradient is NaN or infinite; the state of the last complete epoch is intact.
    case notFinite(quantity: String, epoch: Int, step: Int)
    /// The validation error is NaN or infinite.
    case validationNotFinite(epoch: Int)
    /// There is nothing to train on or to validate with.
    case empty(String)

    public var description: String {
        switch self {
        case .notFinite(let quantity, let epoch, let step):
            "training: the \(quantity) is not finite in step \(step) (epoch \(epoch)); try a lower training.learning_rate or a "
                + "positive training.gradient_clip"
        case .validationNotFinite(let epoch): "training: the validation error is not finite after epoch \(epoch)"
        case .empty(let what): "training: no \(what)"
        }
    }
}
