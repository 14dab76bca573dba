/// tanh of numbers of single precision as a quotient of polynomials,
///
///     tanh x ≈ x P(x²)/Q(x²),    |x| clamped to 7.95
///
/// with P and Q of degree 4, the minimax approximation on the interval: its own error is 5e-9, rounding and the end of the
/// interval make it 3e-7 at most. Odd to the last bit, never beyond ±1, x itself for small x, NaN for NaN. All coefficients are
/// positive: nothing cancels.
package enum RationalTangent {
    /// Replaces rows by their tanh, two at a time with one division for both: it is what takes longest.
    ///
    /// - Parameters:
    ///   - values: the first row; the others follow at multiples of `stride`.
    ///   - count: numbers of a row, a multiple of sixteen.
    package static func apply(to values: UnsafeMutablePointer<Float>, rows: Int, count: Int, stride: Int) {
        for row in Swift.stride(from: 0, to: rows, by: 2) {
            let first = values + row * stride
            let second = row + 1 < rows ? first + stride : first
            for s in Swift.stride(from: 0, to: count, by: 16) {
                let (p, q) = quotient(load(first, s))
                let (r, t) = quotient(load(second, s))
                let reciprocal = -1 / (q * t)
                store(corrected(p, q, t * reciprocal), first, s)
                store(corrected(r, t, q * reciprocal), second, s)
            }
        }
    }

    /// tanh of sixteen numbers.
    @inline(__always)
    static func value(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let (p, q) = quotient(x)
        return corrected(p, q, -1 / q)
    }

    /// −p/q from p, q and an approximate −1/q: what rounding left over is divided once more.
    @inline(__always)
    private static func corrected(
        _ p: SIMD16<Float>, _ q: SIMD16<Float>, _ reciprocal: SIMD16<Float>
    ) -> SIMD16<Float> {
        let ratio = p * reciprocal
        return ratio.addingProduct(p.addingProduct(q, ratio), reciprocal)
    }

    /// −x P(x²) and Q(x²).
    @inline(__always)
    private static func quotient(_ x: SIMD16<Float>) -> (SIMD16<Float>, SIMD16<Float>) {
        let x = clamped(x)
        let square = x * x
        var p = SIMD16<Float>(repeating: -1.516_093_029e-8)
        p = SIMD16(repeating: -2.183_865_218e-5).addingProduct(p, square)
        p = SIMD16(repeating: -3.567_949_869e-3).addingProduct(p, square)
        p = SIMD16(repeating: -1.344_134_063e-1).addingProduct(p, square)
        p = SIMD16(repeating: -1).addingProduct(p, square)
        var q = SIMD16<Float>(repeating: 8.492_252_732e-7)
        q = SIMD16(repeating: 3.405_497_700e-4).addingProduct(q, square)
        q = SIMD16(repeating: 2.615_030_296e-2).addingProduct(q, square)
        q = SIMD16(repeating: 4.677_466_452e-1).addingProduct(q, square)
        q = SIMD16(repeating: 1).addingProduct(q, square)
        return (x * p, q)
    }

    /// Comparisons with NaN are false, so that it stays.
    @inline(__always)
    private static func clamped(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let limit = SIMD16<Float>(repeating: 7.95)
        let below = x.replacing(with: limit, where: limit .< x)
        return below.replacing(with: -limit, where: -limit .> below)
    }
}
