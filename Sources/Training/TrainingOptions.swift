import LearnedForces

/// How a network is trained. Two runs with the same options, data and seed give the same bits.
public struct TrainingOptions: Sendable, Equatable, Codable {
    /// What a batch is drawn from.
    public enum Batch: String, Sendable, Codable, CaseIterable {
        /// Whole configurations, all their sites.
        case configurations
        /// Sites of all training configurations, shuffled together.
        case sites
    }

    /// How the parameters are found.
    public enum Optimizer: String, Sendable, Codable, CaseIterable {
        /// Stochastic gradient descent with moments, for networks.
        case adam
        /// Damped Gauss–Newton steps with all the data, for models of up to some hundred parameters.
        case levenbergMarquardt = "levenberg-marquardt"
    }

    /// How the learning rate changes.
    public enum Schedule: String, Sendable, Codable, CaseIterable {
        /// Multiplied by a factor when the validation error has not improved for some epochs, as published.
        case reduceOnPlateau = "reduce-on-plateau"
        /// Linear warm-up, then half a cosine to the minimum at the last epoch.
        case cosine
    }

    /// The arithmetic of forward and backward passes; the optimizer always keeps Float64 weights.
    public enum Precision: String, Sendable, Codable, CaseIterable {
        case float32, float64
    }

    /// What tells the error to expect of the force that is learned.
    public enum Uncertainty: String, Sendable, Codable, CaseIterable {
        /// Nothing does.
        case none
        /// The spread of models that are trained, each but the first on a resampling of the data.
        case committee
        /// The spread of models around the fitted one that the curvature of the fit allows, see ``FitCurvature``.
        case laplace
        /// The spread of one model over the operations of the point group that it lacks.
        case group
        /// The spread of one model over three of the ways to lay its blocks.
        case tiling
        /// The difference of one model from patches that are larger than its own and end in trees.
        case largerPatches = "larger-patches"

        /// Whether several models tell it.
        public var hasMembers: Bool { self == .committee || self == .laplace }
    }

    /// How the parameters are found.
    public var optimizer = Optimizer.adam
    /// Times that every training site is visited; steps of Levenberg–Marquardt.
    public var epochs = 200
    /// What a batch is drawn from.
    public var batch = Batch.sites
    /// Configurations or sites in a batch, as `batch` says.
    public var batchSize = 2304
    /// The arithmetic of forward and backward passes.
    public var precision = Precision.float32
    /// η, the largest learning rate.
    public var learningRate = 2e-3
    /// Adam's decay rates of the first and second moment, and ε.
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    /// How the learning rate changes.
    public var schedule = Schedule.cosine
    /// Steps of linear warm-up, for either schedule.
    public var warmupSteps = 100
    /// The lowest learning rate, of either schedule.
    public var minimumLearningRate = 1e-6
    /// Reduce on plateau: factor, and epochs without improvement before it is applied.
    public var plateauFactor = 0.5
    public var plateauPatience = 10
    /// Gradients longer than this are shortened to it; 0: never.
    public var gradientClip = 1.0
    /// Decay of the moving average of the weights, the ones validated and saved; 0: the weights themselves.
    public var averageDecay = 0.999
    /// Epochs without improvement of the validation error before training stops; 0: never.
    public var earlyStoppingPatience = 0
    /// Errors beyond this many standard deviations of the target count linearly, not squared (Huber loss); 0: squared always.
    public var huberThreshold = 0.0
    /// Steps of L-BFGS with all the data after the epochs of Adam, from the best weights so far.
    public var finishEpochs = 0
    /// The part of the removable parameters that is set to zero, and so removed, at least half; 0: none.
    public var sparsity = 0.0
    /// The epoch of Adam at the end of which all of them are removed.
    public var sparsityEpoch = 12
    /// How strongly Levenberg–Marquardt holds parameters near their start, as a part of the sum of squares there a parameter.
    public var ridge = 0.0
    /// λ of the first step of Levenberg–Marquardt.
    public var initialDamping = 1e-2
    /// Models of one architecture that are trained, each but the first on a resampling of the data; 1: no committee.
    public var committee = 1
    /// What tells the error to expect.
    public var uncertainty = Uncertainty.none
    /// Epochs between checkpoints.
    public var checkpointInterval = 1

    /// Whether some parameters are removed.
    public var removesParameters: Bool { optimizer == .adam && sparsity > 0 }

    /// Epochs in which parameters are removed: all but the first until the removal ends.
    var removalEpochs: Range<Int> { removesParameters ? min(2, sparsityEpoch)..<sparsityEpoch + 1 : 0..<0 }

    /// - Throws: ``NetworkError`` if parameters are to be removed and the model has none that may be.
    public func requireRemovable(of model: any ForceModel) throws {
        guard removesParameters, model.removable.isEmpty else { return }
        throw NetworkError(
            key: "training.sparsity",
            problem: "\(sparsity) is not allowed with this network, which has no couplings to remove; 0 is")
    }

    /// The defaults of a recipe.
    public init() {}
}
