import Lattices

/// Configurations and the forces to learn, split by whole trajectories before they come here.
public struct TrainingSet: Sendable {
    /// One side of the split.
    public struct Samples: Sendable {
        /// Q, one field a configuration.
        public let displacements: [SiteField]
        /// The electronic force on every site.
        public let targets: [SiteField]

        /// One target for each displacement, on the same supercell.
        public init(displacements: [SiteField], targets: [SiteField]) {
            precondition(displacements.count == targets.count, "one target a configuration")
            self.displacements = displacements
            self.targets = targets
        }

        /// Configurations.
        public var count: Int { displacements.count }
    }

    /// What the gradient is taken of.
    public let training: Samples
    /// What the schedules and the choice of the best weights look at.
    public let validation: Samples

    /// Two sides that share no trajectory.
    public init(training: Samples, validation: Samples) {
        self.training = training
        self.validation = validation
    }
}
