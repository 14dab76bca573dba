/// What `compare` finds out, as written to `comparison.json`.
///
/// Forces are electronic parts, in units of the hopping per displacement. Arrays over time start at time 0.
public struct Comparison: Sendable, Codable {
    /// Learned against exact forces on the snapshots of the test trajectories.
    public struct ForceErrors: Sendable, Codable {
        public struct Errors: Sendable, Codable {
            /// `all`, `hot` (random configurations), or `quench 0–12.5` with the times of a stage.
            public var name: String
            public var sites: Int
            public var rootMeanSquare: Double
            public var meanAbsolute: Double
            public var maximum: Double
            /// R² = 1 − Σ(F − F̂)²/Σ(F − F̄)².
            public var determination: Double
            /// Root mean square of the exact force itself: the error of predicting zero.
            public var trivial: Double
            /// |F − F̂| that 50, 90, 99 and 99.9 % of the sites stay below.
            public var percentiles: [Double]
        }

        public var percentileRanks: [Double] = [50, 90, 99, 99.9]
        public var stages: [Errors]
        /// Exact and learned forces of sites sampled evenly, for the parity plot.
        public var exact: [Double]
        public var learned: [Double]
        /// Histogram of F̂ − F: bin centres and probability densities.
        public var errorBins: [Double]
        public var errorDensity: [Double]
    }

    /// One learned and one exact run from the same start with the same noise.
    public struct Twin: Sendable, Codable {
        public struct Run: Sendable, Codable {
            /// Staggered order parameter φ of the displacement.
            public var orderParameter: [Double]
            /// L from the first moment of S(q); NaN where it is not defined.
            public var domainLength: [Double]
            public var kineticTemperature: [Double]
            /// Staggered C(r)/C(0) at every sample, on `radii`.
            public var correlations: [[Double]]
            /// S(q) of the displacement around (π, π) at every sample, on `waveNumbers`.
            public var structureFactors: [[Double]]
            /// Q at the last sample, row-major [y][x].
            public var displacement: [Double]
        }

        public var size: [Int]
        public var times: [Double]
        /// Root mean square of Q_learned − Q_exact, and of Q_exact.
        public var divergence: [Double]
        public var amplitude: [Double]
        public var radii: [Double]
        /// |q − (π, π)|.
        public var waveNumbers: [Double]
        public var exact: Run
        public var learned: Run
    }

    /// How exactly the learned force keeps the symmetries, relative to its root mean square.
    public struct Symmetry: Sendable, Codable {
        /// The largest |F(gQ) − gF(Q)| over the point group and a translation; operations that map the supercell on itself.
        public var pointGroup: Double
        public var operations: Int
        public var translation: Double
        /// The largest |F(−Q) + F(Q)|; nil away from half filling and on lattices without two sublattices.
        public var particleHole: Double?
    }

    /// What one force on a whole lattice costs.
    public struct Cost: Sendable, Codable {
        /// `exact-diagonalization` or `model`.
        public var name: String
        public var size: [Int]
        public var seconds: Double
        public var threads: Int
        /// Microseconds a site.
        public var microsecondsPerSite: Double { seconds * 1e6 / Double(size.reduce(1, *)) }
    }

    /// SHA-256 of the recipe, the model and the dataset that the results were computed from.
    public var inputDigest: String
    public var title: String
    public var forces: ForceErrors
    /// Root mean square errors on the training and validation trajectories, to show what generalises.
    public var trainingError: Double
    public var validationError: Double
    public var twins: [Twin]
    public var symmetry: Symmetry
    public var costs: [Cost]
    /// Snapshots in training, validation and test, and the trajectories they come from.
    public var snapshots: [Int]
    public var trajectories: [Int]
}
