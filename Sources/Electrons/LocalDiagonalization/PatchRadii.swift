/// R of the patches by the height η of the pole.
///
/// A Green's function at the pole z = μ + iη decays the faster with the distance, the larger η is. So patches may be smaller at high
/// poles for the same error of a density. R is the largest at the lowest poles, and
/// smaller by one from each of some heights on, but never below 0.
///
/// E. Prodan and W. Kohn, *Nearsightedness of electronic matter*, PNAS 102, 11635 (2005), doi:10.1073/pnas.0505436102.
public struct PatchRadii: Hashable, Codable, Sendable {
    /// The poles that have patches of one radius.
    struct Tier: Sendable {
        let radius: Int
        /// The heights η of its poles, below the upper bound.
        let heights: ClosedRange<Double>
    }

    /// R of the lowest poles.
    public var largest: Int
    /// Heights η > 0 in units of the hopping, ascending, from each of which on R is smaller by one; by more where they are equal.
    public var heights: [Double]

    /// Heights that suit quenches of the square lattice at k_BT = 0.1 from g = 1.5 to 3.5.
    public static let usualHeights: [Double] = [0.6, 3, 10]
    /// Heights that a choice by accuracy tries, from fast to slow decay of the Green's functions.
    static let triedHeights: [[Double]] = [[1, 3, 10], usualHeights, [0.6, 0.6, 3, 10]]

    /// Whether numbers can be ``heights``: above 0, finite and none below the one before.
    public static func areHeights(_ numbers: [Double]) -> Bool {
        numbers.allSatisfy { $0 > 0 && $0.isFinite } && zip(numbers, numbers.dropFirst()).allSatisfy(<=)
    }

    /// One radius for every pole if there are no heights.
    public init(_ largest: Int, smallerFrom heights: [Double] = []) {
        (self.largest, self.heights) = (largest, heights)
    }

    /// Those of the lowest poles first; none is without heights.
    var tiers: [Tier] {
        let starts = [0] + heights.prefix(largest)
        return starts.indices.compactMap { step in
            let end = step + 1 < starts.count ? starts[step + 1] : .infinity
            return starts[step] < end ? Tier(radius: largest - step, heights: starts[step]...end) : nil
        }
    }

    /// The number in ``tiers`` of the radius at a height η.
    func tier(atHeight height: Double) -> Int { tiers.lastIndex { $0.heights.lowerBound <= height }! }
}
