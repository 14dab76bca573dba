/// What `compare` finds out, as written to `comparison.json`; what it takes is in ``ForceCosts``. NaN (null in the file) where a number is not defined.
///
/// Forces are electronic parts, in units of the hopping per displacement. Arrays over time start at time 0. Q₀ is the
/// ordering wave vector, (π, π) on the square lattice; without two sublattices Q₀ = 0 and C(r) is not staggered.
public struct Comparison: Sendable, Codable {
    /// Learned against exact forces on the snapshots of the test trajectories.
    public struct ForceErrors: Sendable, Codable {
        /// Errors over all sites of some snapshots.
        public struct Errors: Sendable, Codable {
            /// `all`, `hot` (random configurations), or `quench 0–12.5` with the times of a stage.
            public var name: String
            /// How many forces were compared: sites times snapshots.
            public var sites: Int
            /// √⟨(F̂ − F)²⟩ of the learned force F̂ and the exact F.
            public var rootMeanSquare: Double
            /// ⟨|F̂ − F|⟩.
            public var meanAbsolute: Double
            /// The largest |F̂ − F|.
            public var maximum: Double
            /// R² = 1 − Σ(F − F̂)²/Σ(F − F̄)²; NaN where all exact forces are the same.
            public var determination: Double
            /// Root mean square of the exact force itself: the error of predicting zero.
            public var trivial: Double
            /// |F̂ − F| that 50, 90, 99 and 99.9 % of the sites stay below, as `percentileRanks` says.
            public var percentiles: [Double]
        }

        /// What `Errors.percentiles` stand for, in percent.
        public var percentileRanks = standardRanks
        /// The ranks that are computed, in percent.
        static let standardRanks: [Double] = [50, 90, 99, 99.9]
        /// All test snapshots, then the hot configurations, then the stages of the quench that hold snapshots.
        public var stages: [Errors]
        /// By the electrons of the trajectories, such as `k_BT = 0.05, g = 3.5`; nil if all have the same.
        public var electrons: [Errors]?
        /// Exact forces of at most 8000 sites sampled evenly, for the parity plot.
        public var exact: [Double]
        /// Learned forces of the sites of `exact`.
        public var learned: [Double]
        /// Centres of the 101 bins of the histogram of F̂ − F, which cover all but one error in a thousand.
        public var errorBins: [Double]
        /// Probability density of F̂ − F in each of `errorBins`, per unit of force.
        public var errorDensity: [Double]
    }

    /// One learned and one exact run from the same start with the same noise.
    public struct Twin: Sendable, Codable {
        /// What one of the two runs shows, at every sample.
        public struct Run: Sendable, Codable {
            /// Staggered order parameter φ of the displacement, [sample]; NaN without two sublattices.
            public var orderParameter: [Double]
            /// L from the first moment of S(q), in lattice constants, [sample]; NaN outside of `DomainLengthRange`.
            public var domainLength: [Double]
            /// k_BT = m⟨Q̇²⟩ in units of the hopping, [sample]; NaN for overdamped dynamics.
            public var kineticTemperature: [Double]
            /// Staggered C(r)/C(0) of the displacement, [sample][radius] on `radii`.
            public var correlations: [[Double]]
            /// S(q) of the displacement around Q₀, [sample][wave number] on `waveNumbers`.
            public var structureFactors: [[Double]]
            /// Q at the last sample, row-major [y][x].
            public var displacement: [Double]
        }

        /// Cells along each primitive vector, [Lx, Ly].
        public var size: [Int]
        /// Times of the samples, in units of τ.
        public var times: [Double]
        /// Root mean square of Q_learned − Q_exact over the sites, [sample].
        public var divergence: [Double]
        /// Root mean square of Q_exact over the sites, [sample]: what `divergence` is to be measured against.
        public var amplitude: [Double]
        /// Mean |r| of the shells of C(r), in lattice constants.
        public var radii: [Double]
        /// Mean |q − Q₀| of the shells of S(q), per lattice constant.
        public var waveNumbers: [Double]
        /// The run with the solver of `[compare]`.
        public var exact: Run
        /// The run with the trained network, in the precision of `[simulate]`.
        public var learned: Run
    }

    /// The asymmetry of the learned electronic force F under one generator g of the symmetry, ½‖gF(g⁻¹Q) − F(Q)‖/‖F(Q)‖ with the norm
    /// over sites and configurations: the distance of F from the mean of F and its image, divided by the norm of F. It is 0 for a
    /// force with the symmetry.
    public struct SymmetryBreaking: Sendable, Codable {
        /// g in words: `translation by a1`, by one cell along the first primitive vector, `rotation by 90°`, `mirror y → −y` and
        /// others that generate the point group, as far as it maps the supercell onto itself, and `particle–hole`, Q → −Q and
        /// F → −F, where there are as many electrons as holes on two sublattices.
        public var generator: String
        /// On one hot configuration.
        public var hot: Double
        /// On all snapshots of the coldest test quench; nil if there is no test quench.
        public var quench: Double?
        /// The largest ½|gF(g⁻¹Q) − F(Q)| of a site divided by the root mean square of F: on the quench, or else on the hot
        /// configuration.
        public var largest: Double
    }

    /// The title of the recipe.
    public var title: String
    /// On the test trajectories, which neither the weights nor the choice of the epoch have seen.
    public var forces: ForceErrors
    /// Root mean square error over all sites of the training trajectories, to show what generalises.
    public var trainingError: Double
    /// Root mean square error over all sites of the validation trajectories.
    public var validationError: Double
    /// How well the force knows its own error, on the test trajectories; nil if it has no estimate of it.
    public var reliability: Reliability?
    /// One a pair of runs; empty if `compare.twin_trajectories` is 0.
    public var twins: [Twin]
    /// A row for every generator of the symmetry of `lattice.size`.
    public var symmetryBreaking: [SymmetryBreaking]
    /// How far the learned force is from the gradient of a potential; nil if no test quench ends above zero temperature.
    public var nonConservative: NonConservative?
    /// Numbers of snapshots: [training, validation, test].
    public var snapshots: [Int]
    /// Numbers of trajectories they come from, hot configurations among them: [training, validation, test].
    public var trajectories: [Int]
}

/// What forces cost on the machine at hand, as written to `costs.json`: unlike everything else that `compare` finds out it differs
/// from run to run.
public struct ForceCosts: Sendable, Codable {
    /// What one force on a whole lattice costs.
    public struct Cost: Sendable, Codable {
        /// The name of a solver, or `model`.
        public var name: String
        /// Cells along each primitive vector, [Lx, Ly].
        public var size: [Int]
        /// Sites of the lattice.
        public var sites: Int
        /// The best of three evaluations.
        public var seconds: Double
        /// The threads of the evaluation: 1 for a solver that does not share one solution out.
        public var threads: Int
        /// Microseconds per site.
        public var microsecondsPerSite: Double { seconds * 1e6 / Double(sites) }
    }

    /// `generate.solver` on `lattice.size`, `compare.solver` on `compare.twin_size` if there are twins, and the model on both and
    /// on `simulate.size`, the largest last.
    public var costs: [Cost]
}
