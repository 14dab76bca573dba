/// How the poles of a local solver are chosen.
struct PoleChoice: Sendable {
    /// Their number; nil for the fewest that meet the tolerance.
    let count: Int?
    /// The largest error of a density from the pole expansion, unless their number is given.
    let tolerance: Double

    /// Poles that are off by more are refused.
    private static let largestError = 1e-2

    /// The poles for |ε − μ|/k_BT up to `bound`.
    func expansion(bound: Double) throws -> PoleExpansion {
        let bound = max(bound, 1)
        guard let count else { return try PoleExpansion.meeting(tolerance: tolerance, bound: bound) }
        return try PoleExpansion.with(count: count, bound: bound, tolerance: Self.largestError)
    }
}
