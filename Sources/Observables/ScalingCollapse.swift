import Foundation

/// How well functions of several times fall onto one curve once lengths are measured in units of L(t): dynamic scaling,
///
///     C(r, t)/C(0, t) = f(r/L),        S(q, t)/(C(0, t) L²) = g(qL)
///
/// in two dimensions.
///
/// At every x on a grid the curve y_t(x) of each time is compared with the mean over times: d_t(x) = y_t(x) − ȳ(x). ``spread`` is
/// the root mean square of d over times and grid. ``error`` is the root mean square of the standard error of d, by the jackknife
/// over runs: the same runs are seen at all times and give L too, and leaving one out of everything counts all of that. Their
/// ``ratio`` is about 1 if nothing but chance keeps the curves apart, and grows where they do not scale.
///
/// Source of the scaling hypothesis: A. J. Bray, Adv. Phys. 43, 357 (1994), doi:10.1080/00018739400101505.
public struct ScalingCollapse: Sendable, Equatable {
    /// One time of the ensemble.
    public struct Moment: Sendable {
        /// C(r)/C(0) or S(q)/C(0) of every run, on radii or wave numbers.
        public let profile: EnsembleProfile
        /// L of every run.
        public let lengths: [Double]

        /// - Parameters:
        ///   - profile: C(r)/C(0) or S(q)/C(0) of every run.
        ///   - lengths: L of every run, in the same order.
        public init(profile: EnsembleProfile, lengths: [Double]) {
            precondition(profile.count == lengths.count, "a length a run")
            self.profile = profile
            self.lengths = lengths
        }

        /// The mean over all runs, or over all but one.
        func length(excluding excluded: Int? = nil) -> Double {
            let kept = lengths.indices.filter { $0 != excluded }
            return kept.reduce(0) { $0 + lengths[$1] } / Double(kept.count)
        }
    }

    /// Values of the scaled abscissa, r/L or qL, at which curves were compared.
    public let abscissae: [Double]
    /// The root mean square difference of a time from the mean over times.
    public let spread: Double
    /// Its root mean square standard error over runs.
    public let error: Double

    /// ``spread`` in units of ``error``: about 1 for what scales within the statistics, more for what does not; 0 where there is
    /// no difference at all.
    public var ratio: Double { spread == 0 ? 0 : spread / error }

    /// The collapse of C(r)/C(0) against r/L, from one lattice constant at the earliest time to 3 L or where the profile ends.
    ///
    /// Nil with fewer than two times or runs, or without a common range.
    ///
    /// - Parameter moments: C(r)/C(0) at every time, all on the same radii, which begin with 0.
    public init?(correlation moments: [Moment]) {
        guard let (shortest, longest, reach) = Self.extent(moments) else { return nil }
        let (low, high) = (1 / shortest, min(3, reach / longest))
        guard low < high else { return nil }
        let grid = Self.grid(low, high)
        self.init(moments, grid: grid) { moment, excluded in
            let length = moment.length(excluding: excluded)
            return Self.interpolate(
                moment.profile.abscissae, moment.profile.mean(excluding: excluded), at: grid.map { $0 * length })
        }
    }

    /// The collapse of ln[S(q)/(C(0) Lᵈ)] against qL, from the second shell of wave numbers at the latest time to qL = 20 or a
    /// quarter of the zone at the earliest.
    ///
    /// Logarithms are compared, for S spans decades: spread and error are relative.
    ///
    /// - Parameters:
    ///   - moments: S(q)/C(0) at every time, all on the same wave numbers, which begin with 0.
    ///   - dimension: d, of space.
    ///   - cutoff: the largest q, where lattice effects begin.
    public init?(structureFactor moments: [Moment], dimension: Int, cutoff: Double) {
        guard let (shortest, longest, reach) = Self.extent(moments), moments[0].profile.abscissae.count > 2 else { return nil }
        let low = moments[0].profile.abscissae[1] * longest
        let high = min(20, min(cutoff, reach) * shortest)
        guard low < high else { return nil }
        let grid = Self.grid(log(low), log(high)).map { exp($0) }
        self.init(moments, grid: grid) { moment, excluded in
            let length = moment.length(excluding: excluded)
            let waves = moment.profile.abscissae.dropFirst().map { log($0) }
            let logarithms = moment.profile.mean(excluding: excluded).dropFirst().map { log($0) }
            return Self.interpolate(waves, logarithms, at: grid.map { log($0 / length) })
                .map { $0 - Double(dimension) * log(length) }
        }
    }

    private init(_ moments: [Moment], grid: [Double], scaled: (Moment, Int?) -> [Double]) {
        /// d_t(x) in one row, from all runs or all but one.
        func differences(excluding excluded: Int?) -> [Double] {
            let curves = moments.map { scaled($0, excluded) }
            let mean = grid.indices.map { x in curves.reduce(0) { $0 + $1[x] } / Double(curves.count) }
            return curves.flatMap { curve in zip(curve, mean).map { $0 - $1 } }
        }
        let runs = moments[0].profile.count
        let whole = differences(excluding: nil)
        let partial = EnsembleProfile(abscissae: whole, samples: (0..<runs).map { differences(excluding: $0) })
        let variance = partial.estimates.reduce(0) { sum, estimate in
            let error = Double(runs - 1) * estimate.standardError
            return sum + error * error
        }
        abscissae = grid
        spread = (whole.reduce(0) { $0 + $1 * $1 } / Double(whole.count)).squareRoot()
        error = (variance / Double(whole.count)).squareRoot()
    }

    private static let points = 30

    private static func grid(_ low: Double, _ high: Double) -> [Double] {
        (0..<points).map { low + (high - low) * Double($0) / Double(points - 1) }
    }

    /// The shortest and the longest L, and the last abscissa; nil if that is not enough to compare anything.
    private static func extent(_ moments: [Moment]) -> (Double, Double, Double)? {
        let lengths = moments.map { $0.length() }
        guard moments.count >= 2, moments.allSatisfy({ $0.profile.count >= 2 }), lengths.allSatisfy({ $0.isFinite && $0 > 0 }),
            let shortest = lengths.min(), let longest = lengths.max(), let reach = moments[0].profile.abscissae.last
        else { return nil }
        return (shortest, longest, reach)
    }

    /// Linear interpolation; the ends are kept beyond them.
    private static func interpolate(_ x: [Double], _ y: [Double], at points: [Double]) -> [Double] {
        points.map { point in
            guard let next = x.firstIndex(where: { $0 >= point }) else { return y[y.count - 1] }
            guard next > 0 else { return y[0] }
            let fraction = (point - x[next - 1]) / (x[next] - x[next - 1])
            return y[next - 1] + fraction * (y[next] - y[next - 1])
        }
    }
}
