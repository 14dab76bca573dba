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

    /// The calibration that gives the mean square error of the half of the sites with the smaller spread, and that of the other
    /// half. Where that would take a² < 0 or α² ≤ 0, a = 0 and α gives the mean square error of all.
    ///
    /// Sums of squares decide, not ratios of error and spread: members that agree on some sites by chance change little.
    package init(errors: [Double], spreads: [Double]) {
        precondition(errors.count == spreads.count, "one spread an error")
        let order = spreads.indices.sorted { (spreads[$0], $0) < (spreads[$1], $1) }
        func meanSquare(_ values: [Double], _ sites: ArraySlice<Int>) -> Double {
            sites.reduce(0) { $0 + values[$1] * values[$1] } / Double(max(1, sites.count))
        }
        let (lower, upper) = (order[..<(order.count / 2)], order[(order.count / 2)...])
        let (lowError, highError) = (meanSquare(errors, lower), meanSquare(errors, upper))
        let (lowSpread, highSpread) = (meanSquare(spreads, lower), meanSquare(spreads, upper))
        let (error, spread) = (meanSquare(errors, order[...]), meanSquare(spreads, order[...]))
        let slope = (highError - lowError) / (highSpread - lowSpread)
        let rest = lowError - slope * lowSpread
        if slope.isFinite, slope > 0, rest >= 0 {
            self.init(factor: slope.squareRoot(), floor: rest.squareRoot())
        } else if spread > 0, error > 0 {
            self.init(factor: (error / spread).squareRoot(), floor: 0)
        } else {
            self.init(factor: 1, floor: error.squareRoot())
        }
    }

    /// σ of a site with this spread.
    package func error(ofSpread spread: Double) -> Double {
        (floor * floor + factor * factor * spread * spread).squareRoot()
    }
}
