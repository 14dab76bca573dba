import Foundation

/// The effective exponent of growth in a window of time,
///
///     α = d ln⟨L⟩ / d ln t,
///
/// with ⟨L⟩ the mean over independent runs, by least squares in which a sample at time t has the weight 1/t: samples that are
/// evenly spaced in t then count evenly in ln t.
///
/// The error is that of the jackknife over runs. Residuals of the fit would not do: successive times of a run are nearly the same
/// configuration, and a curve that is smooth but not a power has small residuals all the same.
///
/// Curvature-driven growth of a non-conserved scalar order parameter has ``allenCahn``.
///
/// Source: S. M. Allen and J. W. Cahn, Acta Metall. 27, 1085 (1979), doi:10.1016/0001-6160(79)90196-2; A. J. Bray, Adv. Phys. 43,
/// 357 (1994), doi:10.1080/00018739400101505.
public struct GrowthExponent: Sendable, Equatable {
    /// The exponent ½ of curvature-driven growth.
    public static let allenCahn = 0.5

    /// The geometric mean of the first and the last time that were used.
    public let time: Double
    /// The first and the last time that were used.
    public let window: ClosedRange<Double>
    /// α with its standard error over runs.
    public let exponent: Estimate
    /// ⟨L⟩ of the fitted power law at ``time``.
    public let length: Double

    /// The exponent within a window; nil if there are fewer than two runs, or fewer than three times at which every run has a
    /// length above 0.
    ///
    /// - Parameters:
    ///   - lengths: L(t) of every run; the abscissae are times.
    ///   - window: the times that count; a time equal to a bound up to rounding does.
    public init?(_ lengths: EnsembleProfile, window: ClosedRange<Double>) {
        let times = lengths.abscissae
        let tolerance = 1 + 1e-9
        let used = times.indices.filter { k in
            times[k] > 0 && times[k] * tolerance >= window.lowerBound && times[k] <= window.upperBound * tolerance
                && lengths.samples.allSatisfy { $0[k].isFinite && $0[k] > 0 }
        }
        guard used.count >= 3, lengths.count >= 2, let first = used.first, let last = used.last else { return nil }
        let line = LogarithmicLine(times: used.map { times[$0] })
        let rows = lengths.samples.map { row in used.map { row[$0] } }
        exponent = Estimate.jackknife(rows, line.slope)
        time = (times[first] * times[last]).squareRoot()
        self.window = times[first]...times[last]
        let mean = lengths.mean()
        length = line.value(used.map { mean[$0] }, at: time)
    }

    /// Windows of equal width in ln t that lie side by side and cover `range`.
    ///
    /// - Parameter count: windows, at least 1.
    public static func windows(of range: ClosedRange<Double>, count: Int) -> [ClosedRange<Double>] {
        precondition(count >= 1 && range.lowerBound > 0, "a window of positive times")
        let step = log(range.upperBound / range.lowerBound) / Double(count)
        return (0..<count).map { index in
            let start = range.lowerBound * exp(Double(index) * step)
            return start...start * exp(step)
        }
    }
}

/// The straight line through ln L against ln t, with weights 1/t.
private struct LogarithmicLine {
    private let weights: [Double]
    private let logarithms: [Double]
    private let center: Double
    private let variance: Double

    init(times: [Double]) {
        let total = times.reduce(0) { $0 + 1 / $1 }
        weights = times.map { 1 / ($0 * total) }
        logarithms = times.map { log($0) }
        let center = zip(weights, logarithms).reduce(0) { $0 + $1.0 * $1.1 }
        self.center = center
        variance = zip(weights, logarithms).reduce(0) { $0 + $1.0 * ($1.1 - center) * ($1.1 - center) }
    }

    func slope(_ lengths: [Double]) -> Double {
        lengths.indices.reduce(0) { $0 + weights[$1] * (logarithms[$1] - center) * log(lengths[$1]) } / variance
    }

    func value(_ lengths: [Double], at time: Double) -> Double {
        let mean = lengths.indices.reduce(0) { $0 + weights[$1] * log(lengths[$1]) }
        return exp(mean + slope(lengths) * (log(time) - center))
    }
}
