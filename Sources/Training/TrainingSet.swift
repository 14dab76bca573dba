import LearnedForces

/// Configurations and the forces to learn, split by whole trajectories before they come here.
public struct TrainingSet: Sendable {
    /// What the gradient is taken of.
    public let training: ForceSamples
    /// What the schedules and the choice of the best weights look at.
    public let validation: ForceSamples

    /// Two sides that share no trajectory.
    public init(training: ForceSamples, validation: ForceSamples) {
        self.training = training
        self.validation = validation
    }
}
