/// What `analyze` finds in a trajectory, as written to `analysis.json`. NaN (null in the file) where a number is not defined: the
/// length of domains is given between two lattice constants and a quarter of the side (`DomainLengthRange`).
///
/// A trajectory is one run: there is no growth exponent, whose error only an ensemble tells (``Coarsening``). The structure, from
/// `radii` on, needs Fourier transforms; it is left out for lattices with several sites a cell and for open ends.
///
/// Q₀ is the ordering wave vector, (π, π) on the square lattice; without two sublattices Q₀ = 0 and C(r) is not staggered.
public struct Analysis: Sendable, Codable {
    /// A scalar at every observable interval.
    public struct Series: Sendable, Codable {
        /// The name in `trajectory.h5`, such as `domain_length`.
        public var name: String
        /// What the number is, with its symbol, for axes and tables.
        public var summary: String
        /// One value for each of `times`.
        public var values: [Double]
    }

    /// Structure of one stored frame.
    public struct Frame: Sendable, Codable {
        /// Time steps since the start.
        public var step: Int
        /// Time since the start, in units of τ.
        public var time: Double
        /// Staggered C(r)/C(0) of the displacement, [radius] on `radii`.
        public var correlation: [Double]
        /// S(q) of the displacement averaged over shells of |q − Q₀|, [wave number] on `waveNumbers`.
        public var structureFactor: [Double]
    }

    /// The title of the recipe.
    public var title: String
    /// Cells along each primitive vector, [Lx, Ly].
    public var size: [Int]
    /// `model` or a solver's name.
    public var forceField: String
    /// Times of the values of `series`, in units of τ.
    public var times: [Double]
    /// Every observable of the trajectory, in the order of the file.
    public var series: [Series]
    /// Mean |r| of the shells of C(r), in lattice constants, the same for all frames.
    public var radii: [Double]?
    /// Mean |q − Q₀| of the shells of S(q), per lattice constant, the same for all frames.
    public var waveNumbers: [Double]?
    /// The stored configurations, in the order of time.
    public var frames: [Frame]?
    /// S(q) of the last frame on the full grid, [ky][kx] row-major, in the order of the field (q = 0 first).
    public var finalStructureFactor: [Double]?
}
