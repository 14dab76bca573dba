/// How the spread s of a committee on a site becomes the error to expect there.
///
///     σ² = a² + α² s²
///
/// The members of a committee share what their architecture cannot say, so that their spread shows nothing of it: that is what a is
/// for.
public struct CommitteeCalibration: Sendable, Equatable {
    /// α, above 0.
    public let factor: Double
    /// a, from 0, in units of the hopping per displacement.
    public let floor: Double

    /// The spread as it is.
    static let none = CommitteeCalibration(factor: 1, floor: 0)

    init(factor: Double, floor: Double) {
        self.factor = factor
        self.floor = floor
    }

    /// The calibration under which errors e, were they normal with standard deviation σ, are the most likely: the least of
    ///
    ///     Σ_i (ln σ_i² + e_i²/σ_i²),     σ_i² = a² + α² s_i²
    ///
    /// which least squares of e² in s² with the weights 1/σ⁴ find, repeated with the new σ. So every site counts by how far its error
    /// is from its own σ, and a few with enormous spreads do not decide for all. The 2 % of the sites with the smallest spreads are left
    /// out: on some sites members agree by chance, and the errors there would seem infinitely unlikely. Where the larger errors have the
    /// smaller spreads, a = 0 and α gives the mean square error.
    ///
    /// P. McCullagh and J. A. Nelder, *Generalized Linear Models*, 2nd ed. (1989), section 2.5 and chapter 8.
    package init(errors: [Double], spreads: [Double]) {
        precondition(errors.count == spreads.count, "one spread an error")
        let order = spreads.indices.sorted { (spreads[$0], $0) < (spreads[$1], $1) }.dropFirst(errors.count / 50)
        let (errors, spreads) = (order.map { errors[$0] * errors[$0] }, order.map { spreads[$0] * spreads[$0] })
        let error = errors.reduce(0) { $0 + $1 }
        let spread = spreads.reduce(0) { $0 + $1 }
        guard error > 0, spread > 0 else {
            self.init(factor: 1, floor: (error / Double(max(1, errors.count))).squareRoot())
            return
        }
        let least = Self.leastFloor * error / Double(errors.count)
        var (constant, slope) = (1e4 * least, error / spread)
        for _ in 0..<Self.iterations {
            // Sums of w, wx, wx², wy and wxy with x = s², y = e².
            var (w, wx, wxx, wy, wxy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for (x, y) in zip(spreads, errors) {
                let variance = constant + slope * x
                let weight = 1 / (variance * variance)
                w += weight
                wx += weight * x
                wxx += weight * x * x
                wy += weight * y
                wxy += weight * x * y
            }
            let determinant = w * wxx - wx * wx
            (constant, slope) = ((wxx * wy - wx * wxy) / determinant, (w * wxy - wx * wy) / determinant)
            if !(constant >= least) { (constant, slope) = (least, wxy / wxx) }
            guard slope > 0, slope.isFinite else {
                self.init(factor: (error / spread).squareRoot(), floor: 0)
                return
            }
        }
        self.init(factor: slope.squareRoot(), floor: constant > least ? constant.squareRoot() : 0)
    }

    /// Repetitions; a few dozen leave nothing to change.
    private static let iterations = 100
    /// a² is 0 if it is below this part of the mean square error.
    private static let leastFloor = 1e-8

    /// σ of a site with this spread.
    package func error(ofSpread spread: Double) -> Double {
        (floor * floor + factor * factor * spread * spread).squareRoot()
    }
}
