import Training

extension TrainingOptions: RecipeTable {
    static var keys: [RecipeKey<TrainingOptions>] {
        [
            .choice("optimizer", \.optimizer),
            .integer("epochs", \.epochs, 1...10_000_000),
            .choice("batch", \.batch),
            .integer("batch_size", \.batchSize, 1...100_000_000),
            .choice("precision", \.precision),
            .number("learning_rate", \.learningRate, .positive),
            .number("beta1", \.beta1, .from(0..<1)),
            .number("beta2", \.beta2, .from(0..<1)),
            .number("epsilon", \.epsilon, .positive),
            .choice("schedule", \.schedule),
            .integer("warmup_steps", \.warmupSteps, 0...1_000_000_000),
            .number("minimum_learning_rate", \.minimumLearningRate, .nonNegative),
            .number("plateau_factor", \.plateauFactor, .between(0, 1)),
            .integer("plateau_patience", \.plateauPatience, 0...10_000_000),
            .number("gradient_clip", \.gradientClip, .nonNegative),
            .number("average_decay", \.averageDecay, .from(0..<1)),
            .integer("early_stopping_patience", \.earlyStoppingPatience, 0...10_000_000),
            .number("huber_threshold", \.huberThreshold, .nonNegative),
            .integer("finish_epochs", \.finishEpochs, 0...10_000_000),
            .number("ridge", \.ridge, .nonNegative),
            .number("initial_damping", \.initialDamping, .positive),
            .integer("committee", \.committee, 1...ModelFile.largestCommittee),
            .integer("checkpoint_interval", \.checkpointInterval, 1...10_000_000).deciding(.conduct),
        ]
    }
}
