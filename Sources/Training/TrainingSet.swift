import Lattices

/// Configurations and the forces to learn, split by whole trajectories before they come here.
public struct TrainingSet: Sendable {
    public struct Samples: Sendable {
        /// Q, one field a configuration.
        public let displacements: [SiteField]
        /// The electronic force on every site.
        public let targets: [SiteField]

        public init(displacements: [SiteField], targets: [SiteField]) {
            precondition(displacements.count == targets.count, "one target a configuration")
            self.displacements = displacements
            self.targets = targets
        }

        public var count: Int { displacements.count }
    }

    public let training: Samples
    public let validation: Samples

    public init(training: Samples, validation: Samples) {
        self.training = training
        self.validation = validation
    }
}
