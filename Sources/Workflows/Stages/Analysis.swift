/// What `analyze` finds in a trajectory, as written to `analysis.json`. NaN (null in the file) where a number is not defined.
public struct Analysis: Sendable, Codable {
    /// A scalar at every observable interval.
    public struct Series: Sendable, Codable {
        public var name: String
        public var summary: String
        public var values: [Double]
    }

    /// Structure of one stored frame.
    public struct Frame: Sendable, Codable {
        public var step: Int
        public var time: Double
        /// Staggered C(r)/C(0) on `radii`.
        public var correlation: [Double]
        /// S(q) of the displacement averaged over shells of |q − (π, π)|, on `waveNumbers`.
        public var structureFactor: [Double]
    }

    public var title: String
    public var size: [Int]
    /// `model` or a solver's name.
    public var forceField: String
    public var times: [Double]
    public var series: [Series]
    public var radii: [Double]
    public var waveNumbers: [Double]
    public var frames: [Frame]
    /// S(q) of the last frame on the full grid, [ky][kx] row-major, in the order of the field (q = 0 first).
    public var finalStructureFactor: [Double]
    /// d ln L/d ln t by least squares over the second half of ln t, its standard error, and the times it was fitted over.
    public var growthExponent: Double
    public var growthExponentError: Double
    public var growthWindow: [Double]
}
