import LatticeNumerics
import Lattices

/// Exact solutions of many configurations, sorted into trajectories.
///
/// A hot random configuration is a trajectory of one snapshot. The split is by whole trajectories, so that neighbouring
/// snapshots of one never sit on both sides.
public struct Dataset: Sendable, Equatable {
    public enum Split: Int, Sendable, CaseIterable {
        case training = 0
        case validation = 1
        case test = 2
    }

    public enum Kind: Int, Sendable, CaseIterable {
        /// A hot random configuration.
        case random = 0
        /// A quench from a hot start.
        case quench = 1
    }

    /// One exactly solved configuration.
    public struct Snapshot: Sendable, Equatable {
        public let displacement: SiteField
        public let density: SiteField
        /// The total force F, elastic part included.
        public let force: SiteField
        /// Ω(Q), or the free energy at fixed filling; NaN if the solver does not give it.
        public let potential: Double
        public let chemicalPotential: Double
        /// Steps since the hot start, and the time they took.
        public let step: Int
        public let time: Double
    }

    public struct Trajectory: Sendable, Equatable {
        public let kind: Kind
        public let split: Split
        /// The seed of its start and its noise.
        public let seed: UInt64
        public let snapshots: [Snapshot]
    }

    public let supercell: Supercell
    public let trajectories: [Trajectory]
    /// The recipe that made it, as resolved.
    public let recipe: String

    public var snapshotCount: Int { trajectories.reduce(0) { $0 + $1.snapshots.count } }

    public func trajectories(_ split: Split) -> [Trajectory] { trajectories.filter { $0.split == split } }

    public func snapshots(_ split: Split) -> [Snapshot] { trajectories(split).flatMap(\.snapshots) }

    /// Assigns trajectories to the parts: of each kind a random choice, by the numbers the recipe gives for quenches and the
    /// same fractions of the random configurations.
    static func splits(of recipe: Recipe) -> [Split] {
        let settings = recipe.generate
        let stream = RandomStream(seed: recipe.seed, purpose: .splitting)
        func assign(_ count: Int, validation: Int, test: Int, step: Int) -> [Split] {
            var splits = [Split](repeating: .training, count: count)
            for (position, index) in stream.permutation(of: count, step: step).enumerated() where position < validation + test {
                splits[index] = position < validation ? .validation : .test
            }
            return splits
        }
        func share(_ part: Int) -> Int { settings.randomConfigurations * part / settings.trajectories }
        return assign(
            settings.randomConfigurations, validation: share(settings.validationTrajectories),
            test: share(settings.testTrajectories),
            step: 1)
            + assign(
                settings.trajectories, validation: settings.validationTrajectories, test: settings.testTrajectories, step: 2)
    }
}
