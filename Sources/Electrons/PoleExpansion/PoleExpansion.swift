import Foundation

/// The Fermi–Dirac occupation as a sum over few poles, with the smallest error possible on an interval:
///
///     ½ tanh(x/2) ≈ Σ_k w_k x/(x² + a_k²)        for |x| ≤ bound,   x = (ε − μ)/k_BT
///
/// The poles ±i a_k are purely imaginary, so that f(−x) = 1 − f(x) holds exactly. With Z_k = (H − μ − i a_k k_BT)⁻¹ the
/// occupations and bond orders of a real Hamiltonian H are
///
///     n_i = ½ − k_BT Σ_k w_k Re[Z_k]_ii,      ⟨c†_i c_j⟩ = −k_BT Σ_k w_k Re[Z_k]_ij     (i ≠ j)
///
/// and the grand potential follows from the antiderivative ln 2cosh(x/2) ≈ c + ½ Σ_k w_k ln(x² + a_k²).
///
/// ½ tanh(x/2)/x is a Stieltjes function of x², so the best approximation exists, is unique, and has a_k > 0 and w_k > 0; its
/// error reaches the same magnitude with alternating signs at 2m + 1 points of (0, bound]. It is found by the Remez algorithm,
/// with Newton's method in ln a_k and ln w_k, followed from an interval where it is easy to the one asked for. Where the error is
/// small the first poles are the Matsubara frequencies (2k−1)π with weight 2, and each further pole divides it by about
/// exp(π²/ln(bound/2π)): at bound 600 it is 2·10⁻¹¹ with 14 poles, at 3000 2·10⁻¹¹ with 18, at 10⁸ 10⁻¹⁰ with 43.
///
/// Sources: L. Lin, J. Lu, L. Ying, W. E, *Pole-based approximation of the Fermi-Dirac function*, Chin. Ann. Math. B 30, 729
/// (2009), doi:10.1007/s11401-009-0201-7, for the method; J. E. Moussa, *Minimax rational approximation of the Fermi-Dirac
/// distribution*, J. Chem. Phys. 145, 164108 (2016), doi:10.1063/1.4965886, for minimax poles; G. A. Baker, P. Graves-Morris,
/// *Padé Approximants* (Cambridge, 1996), ch. 5, for Stieltjes functions.
public struct PoleExpansion: Sendable, Equatable {
    /// a_k > 0 in units of k_BT, ascending.
    public let poles: [Double]
    /// w_k > 0.
    public let weights: [Double]
    /// c in ln 2cosh(x/2) ≈ c + ½ Σ_k w_k ln(x² + a_k²), chosen to make the largest error smallest.
    public let logarithmConstant: Double
    /// The interval |x| ≤ bound: what was asked for, or more where so many poles reach the limit of double precision already on
    /// a larger interval.
    public let bound: Double
    /// max |½ tanh(x/2) − Σ_k w_k x/(x² + a_k²)| over |x| ≤ bound, verified on a fine grid.
    public let error: Double
    /// max |ln 2cosh(x/2) − c − ½ Σ_k w_k ln(x² + a_k²)| over |x| ≤ bound, verified on the same grid; of the order of
    /// error · bound.
    public let logarithmError: Double

    /// The largest number of poles.
    public static let maximumCount = 64
    /// The largest bound.
    public static let maximumBound = 1e12

    /// The best approximation with `count` poles on |x| ≤ `bound`.
    ///
    /// - Throws: ``PoleExpansionError`` if bound or count is out of range.
    public init(bound: Double, count: Int) throws {
        guard bound > 0, bound <= Self.maximumBound else {
            throw PoleExpansionError.impossibleBound(bound, largest: Self.maximumBound)
        }
        guard (1...Self.maximumCount).contains(count) else {
            throw PoleExpansionError.impossibleCount(count, largest: Self.maximumCount)
        }
        guard let best = Equioscillation.seed(count: count)?.continued(to: bound) else {
            throw PoleExpansionError.notConverged(bound: bound, poles: count)
        }
        self.init(best)
    }

    private init(_ best: Equioscillation) {
        let curve = ErrorCurve(best, samples: 100)
        let ascending = best.fractions.poles.indices.sorted { best.fractions.poles[$0] < best.fractions.poles[$1] }
        let fractions = PartialFractions(
            poles: ascending.map { best.fractions.poles[$0] }, weights: ascending.map { best.fractions.weights[$0] })
        poles = fractions.poles
        weights = fractions.weights
        bound = best.bound
        error = curve.values.reduce(0) { max($0, abs($1)) }
        let deviations = ([0] + curve.points).map { Self.exactLogarithm($0) - fractions.antiderivative(at: $0) }
        let (lowest, highest) = (deviations.min()!, deviations.max()!)
        logarithmConstant = (lowest + highest) / 2
        logarithmError = (highest - lowest) / 2
    }

    /// Σ_k w_k x/(x² + a_k²), the approximation of ½ tanh(x/2).
    package func halfHyperbolicTangent(at x: Double) -> Double {
        PartialFractions(poles: poles, weights: weights).value(at: x)
    }

    /// c + ½ Σ_k w_k ln(x² + a_k²), the approximation of ln 2cosh(x/2).
    package func logarithm(at x: Double) -> Double {
        logarithmConstant + PartialFractions(poles: poles, weights: weights).antiderivative(at: x)
    }

    /// ln 2cosh(x/2) without overflow.
    private static func exactLogarithm(_ x: Double) -> Double { abs(x) / 2 + log1p(exp(-abs(x))) }
}
