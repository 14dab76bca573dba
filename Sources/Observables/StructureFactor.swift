import Lattices

/// The structure factor of a scalar field,
///
///     S(q) = (1/N) |Σ_i (f_i − f̄) e^{−iq·r_i}|²,      q = 2π Σ_k (n_k/L_k) b_k
///
/// with a_i·b_k = δ_ik. The mean f̄ is removed, so S(0) = 0 up to rounding; Σ_q S(q) = Σ_i (f_i − f̄)² (Parseval).
public struct StructureFactor: Sendable {
    /// The supercell of the field.
    public let supercell: Supercell
    /// S(q) at grid point (n_x, n_y), stored [n_y][n_x] with n_k in 0..<L_k, as the field itself.
    public let values: [Double]
    /// Grid index of the ordering wave vector Q₀, at which e^{iQ₀·r} is the sublattice sign: (π, π) on the square lattice; nil if
    /// the supercell has none.
    public let orderingIndex: Int?
    /// |q − Q₀| of every grid point, the shortest among equivalent ones, in inverse lattice constants; |q| if there is no Q₀.
    public let distances: [Double]
    /// A quarter of the shortest reciprocal vector.
    let quarterZone: Double
    /// The shortest step of the grid of wave vectors.
    let spacing: Double

    /// S(Q₀): N φ² for a perfect order of amplitude φ; nil if the supercell has no ordering wave vector.
    public var orderingValue: Double? { orderingIndex.map { values[$0] } }

    /// S averaged over shells of |q − Q₀| (of |q| without Q₀).
    ///
    /// - Parameters:
    ///   - width: of a shell; the shortest step of the grid if nil.
    ///   - cutoff: largest |q − Q₀|; half the shortest reciprocal vector (π on the square lattice) if nil.
    public func radialAverage(width: Double? = nil, cutoff: Double? = nil) -> RadialProfile {
        RadialProfile(distances: distances, values: values, width: width ?? spacing, cutoff: cutoff ?? 2 * quarterZone)
    }

    /// The characteristic length of domains from the first moment of S about the ordering wave vector,
    ///
    ///     L = 2π Σ′ S(q) / Σ′ |q − Q₀| S(q)
    ///
    /// with Σ′ over the grid points |q − Q₀| ≤ cutoff, Q₀ itself included and nothing subtracted. On the square lattice the
    /// default cutoff is π/2, a quarter of the shortest reciprocal vector. The thermal background inside the window counts:
    /// L falls below the size of domains when it is comparable to the peak.
    ///
    /// Nil if the supercell has no Q₀, if S vanishes in the window, or if all of it sits at Q₀ (one domain: L is infinite).
    public func domainLength(cutoff: Double? = nil) -> Double? {
        guard orderingIndex != nil else { return nil }
        let cutoff = (cutoff ?? quarterZone) * (1 + 1e-12)
        var weight = 0.0
        var moment = 0.0
        for (distance, value) in zip(distances, values) where distance <= cutoff {
            weight += value
            moment += distance * value
        }
        // What rounding leaves beside the peak of a perfect order is no domain.
        return moment > 1e-20 * weight ? 2 * .pi * weight / moment : nil
    }
}
