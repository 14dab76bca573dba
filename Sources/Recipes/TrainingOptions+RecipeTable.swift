import Training

extension TrainingOptions: RecipeTable {
    /// Reads the table.
    ///
    /// - Parameter defaults: those of the family of the network.
    /// - Throws: ``RecipeError``
    init(_ reader: TableReader, defaults: TrainingOptions) throws {
        self = defaults
        try read(reader)
        guard !reader.contains("uncertainty") else { return }
        if committee > 1 {
            uncertainty = .committee
        } else if uncertainty == .none, optimizer == .levenbergMarquardt {
            uncertainty = .laplace
        }
    }

    // Whether the optimizer, or the schedule, that a key belongs to is chosen.
    private static func descends(_ options: TrainingOptions) -> Bool { options.optimizer == .adam }
    private static func fitsLeastSquares(_ options: TrainingOptions) -> Bool { options.optimizer == .levenbergMarquardt }
    private static func reducesOnPlateau(_ options: TrainingOptions) -> Bool {
        descends(options) && options.schedule == .reduceOnPlateau
    }

    private static let removal = "the saved state may have lost other couplings"

    /// The most members of a committee.
    package static let largestCommittee = 64

    package static var keys: [RecipeKey<TrainingOptions>] {
        [
            .choice("optimizer", \.optimizer)
                .deciding(.training(.fixed(because: "the saved state belongs to the former optimizer"))),
            .integer("epochs", \.epochs, 1...10_000_000).deciding(.training(.extent)),
            .choice("batch", \.batch).deciding(.training(.onward), where: descends),
            .integer("batch_size", \.batchSize, 1...100_000_000).deciding(.training(.onward), where: descends),
            .choice("precision", \.precision).deciding(.training(.onward)),
            .number("learning_rate", \.learningRate, .positive).deciding(.training(.onward), where: descends),
            .number("beta1", \.beta1, .from(0..<1)).deciding(.training(.onward), where: descends),
            .number("beta2", \.beta2, .from(0..<1)).deciding(.training(.onward), where: descends),
            .number("epsilon", \.epsilon, .positive).deciding(.training(.onward), where: descends),
            .choice("schedule", \.schedule).deciding(.training(.onward), where: descends),
            .integer("warmup_steps", \.warmupSteps, 0...1_000_000_000).deciding(.training(.onward), where: descends),
            .number("minimum_learning_rate", \.minimumLearningRate, .nonNegative)
                .deciding(.training(.onward), where: descends),
            .number("plateau_factor", \.plateauFactor, .between(0, 1)).deciding(.training(.onward), where: reducesOnPlateau),
            .integer("plateau_patience", \.plateauPatience, 0...10_000_000).deciding(.training(.onward), where: reducesOnPlateau),
            .number("gradient_clip", \.gradientClip, .nonNegative).deciding(.training(.onward), where: descends),
            .number("average_decay", \.averageDecay, .from(0..<1)).deciding(.training(.onward), where: descends),
            .integer("early_stopping_patience", \.earlyStoppingPatience, 0...10_000_000).deciding(.training(.extent)),
            .number("huber_threshold", \.huberThreshold, .nonNegative).deciding(.training(.onward)),
            .integer("finish_epochs", \.finishEpochs, 0...10_000_000).deciding(.training(.extent), where: descends),
            .number("sparsity", \.sparsity, .from(0..<1)).deciding(.training(.fixed(because: removal)), where: descends),
            .integer("sparsity_epoch", \.sparsityEpoch, 1...10_000_000)
                .deciding(.training(.fixed(because: removal)), where: \.removesParameters),
            .number("ridge", \.ridge, .nonNegative).deciding(.training(.onward), where: fitsLeastSquares),
            .number("initial_damping", \.initialDamping, .positive)
                .deciding(.training(.onward), where: fitsLeastSquares),
            .integer("committee", \.committee, 1...largestCommittee).deciding(.training(.extent)),
            .choice("uncertainty", \.uncertainty).deciding(.training(.extent)),
            .integer("checkpoint_interval", \.checkpointInterval, 1...10_000_000).deciding(.conduct),
        ]
    }
}

extension TrainingOptions.Uncertainty {
    /// What tells the error, in words.
    package func words(members: Int) -> String {
        switch self {
        case .none: "nothing"
        case .committee: "a committee of \(members)"
        case .laplace: "\(members - 1) models around the fitted one"
        case .group: "operations of the point group"
        case .tiling: "ways to lay its blocks"
        case .largerPatches: "larger patches"
        }
    }
}
