import LatticeNumerics
import Lattices
import Models
import Recipes

/// Exact solutions of many configurations, sorted into trajectories.
///
/// A hot random configuration is a trajectory of one snapshot. The split is by whole trajectories, so that neighbouring
/// snapshots of one never sit on both sides.
public struct Dataset: Sendable, Equatable {
    /// What a trajectory is for; the numbers are those of `/trajectories/split` in the file.
    public enum Split: Int, Sendable, CaseIterable {
        /// The weights are fitted to it.
        case training = 0
        /// It chooses the epoch whose weights are kept.
        case validation = 1
        /// It is seen by nothing but the comparison.
        case test = 2
    }

    /// How a trajectory was made; the numbers are those of `/trajectories/kind` in the file.
    public enum Kind: Int, Sendable, CaseIterable {
        /// A hot random configuration.
        case random = 0
        /// A quench from a hot start.
        case quench = 1
    }

    /// One exactly solved configuration.
    public struct Snapshot: Sendable, Equatable {
        /// Q.
        public let displacement: SiteField
        /// n, electrons of one spin a site.
        public let density: SiteField
        /// The electronic part of the force, which is learned, in units of the hopping per displacement.
        public let electronicForce: SiteField
        /// The total force F in units of the hopping per displacement, classical part included.
        public let force: SiteField
        /// Ω(Q), or the free energy at fixed filling, in units of the hopping; NaN if the solver does not give it.
        public let potential: Double
        /// μ in units of the hopping, given or found for the filling.
        public let chemicalPotential: Double
        /// Time steps since the hot start; 0 for a hot random configuration.
        public let step: Int
        /// The time these steps took, in units of τ.
        public let time: Double

        package init(
            displacement: SiteField,
            density: SiteField,
            electronicForce: SiteField,
            force: SiteField,
            potential: Double,
            chemicalPotential: Double,
            step: Int,
            time: Double
        ) {
            self.displacement = displacement
            self.density = density
            self.electronicForce = electronicForce
            self.force = force
            self.potential = potential
            self.chemicalPotential = chemicalPotential
            self.step = step
            self.time = time
        }
    }

    /// One independent start and what followed from it.
    public struct Trajectory: Sendable, Equatable {
        /// A hot random configuration or a quench.
        public let kind: Kind
        /// What all its snapshots are for.
        public let split: Split
        /// The seed of its start and its noise.
        public let seed: UInt64
        /// Its electrons: `[model]` with one of the combinations of values that `[generate]` lists.
        public let electrons: AdiabaticModel
        /// In the order of time: one of a hot random configuration, those of `generate.snapshot_interval` of a quench.
        public let snapshots: [Snapshot]
        /// The index among ``Dataset/earlierRecipes`` of the recipe that made it; nil for that of the dataset.
        public var earlierRecipe: Int?

        package init(
            kind: Kind,
            split: Split,
            seed: UInt64,
            electrons: AdiabaticModel,
            snapshots: [Snapshot],
            earlierRecipe: Int? = nil
        ) {
            self.kind = kind
            self.split = split
            self.seed = seed
            self.electrons = electrons
            self.snapshots = snapshots
            self.earlierRecipe = earlierRecipe
        }
    }

    /// The supercell of every snapshot, of `lattice.size`.
    public let supercell: Supercell
    /// The hot random configurations, then the quenches.
    public let trajectories: [Trajectory]
    /// The recipe that made it, as resolved.
    public let recipe: String
    /// Recipes that made some of the trajectories before `--force-resume` went on with another; empty in general.
    public var earlierRecipes: [String] = []

    package init(supercell: Supercell, trajectories: [Trajectory], recipe: String, earlierRecipes: [String] = []) {
        self.supercell = supercell
        self.trajectories = trajectories
        self.recipe = recipe
        self.earlierRecipes = earlierRecipes
    }

    /// The parameters of which its trajectories have several values.
    package var variedParameters: [Parameter] {
        listedParameters.filter { parameter in Set(trajectories.map { $0.electrons[parameter.key] }).count > 1 }
    }

    /// The parameters of which its trajectories could have several values.
    var listedParameters: [Parameter] { trajectories.first?.electrons.listedParameters ?? [] }

    /// Snapshots of all trajectories.
    public var snapshotCount: Int { trajectories.reduce(0) { $0 + $1.snapshots.count } }

    /// The trajectories of one part, in their order.
    public func trajectories(_ split: Split) -> [Trajectory] { trajectories.filter { $0.split == split } }

    /// The snapshots of one part, trajectory after trajectory.
    public func snapshots(_ split: Split) -> [Snapshot] { trajectories(split).flatMap(\.snapshots) }

    /// Assigns trajectories to the parts: of each kind a random choice, by the numbers the recipe gives for quenches and the
    /// same fractions of the random configurations.
    package static func splits(of recipe: Recipe) -> [Split] {
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

    /// Deals the electrons of the recipe out to trajectories of these parts, in turn: first to the quenches for training, so that
    /// each has every combination about as often.
    package static func electrons(of recipe: Recipe, splits: [Split]) -> [AdiabaticModel] {
        let (all, random) = (recipe.electrons, recipe.generate.randomConfigurations)
        var indices = [Int](repeating: 0, count: splits.count)
        var dealt = 0
        for kind in [random..<splits.count, 0..<random] {
            for split in Split.allCases {
                for trajectory in kind where splits[trajectory] == split {
                    indices[trajectory] = dealt % all.count
                    dealt += 1
                }
            }
        }
        return indices.map { all[$0] }
    }
}
