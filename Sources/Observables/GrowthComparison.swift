/// The growth of domains on a smaller lattice beside that on a larger one: where the smaller has run out of room.
///
/// Until domains feel the periodic images of themselves both lattices show the same L(t). ``departure`` is the first time from
/// which on L differs by more than ``significance`` joint standard errors at every later time: single excursions are chance.
public struct GrowthComparison: Sendable, Equatable {
    /// Joint standard errors that count as a difference.
    public static let significance = 2.0

    /// L of the smaller lattice by L of the larger at every time, with the joint standard error of both ensembles.
    public let ratios: [Estimate]
    /// The index of the first time from which on the lengths differ; nil if they agree at the last time.
    public let departure: Int?

    /// - Parameters:
    ///   - small: L(t) of the runs on the smaller lattice.
    ///   - large: L(t) of those on the larger one, at the same times.
    public init(small: EnsembleProfile, large: EnsembleProfile) {
        precondition(small.abscissae == large.abscissae, "both at the same times")
        ratios = zip(small.estimates, large.estimates).map { small, large in
            let ratio = small.mean / large.mean
            let (own, other) = (small.standardError / small.mean, large.standardError / large.mean)
            return Estimate(mean: ratio, standardError: abs(ratio) * (own * own + other * other).squareRoot())
        }
        // A length that is not defined, because a domain fills the lattice, is no agreement.
        let agrees = ratios.map { abs($0.mean - 1) <= Self.significance * $0.standardError }
        let last = agrees.lastIndex(of: true).map { $0 + 1 } ?? 0
        departure = last < agrees.count ? last : nil
    }
}
