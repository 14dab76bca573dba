/// tanh of sixteen numbers of single precision as a quotient of polynomials,
///
///     tanh x ≈ x P(x²)/Q(x²),    |x| clamped to 8.4
///
/// with P and Q of degree 4, the minimax approximation of absolute error 1e-8 on the interval; rounding makes it 3e-7 at most.
/// It is odd to the last bit, never beyond ±1, x itself for small x, and NaN for NaN. All coefficients are positive: nothing
/// cancels.
enum RationalTangent {
    /// Replaces rows by their tanh, two at a time with one division for both: it is what takes longest.
    ///
    /// - Parameters:
    ///   - values: the first row; the others follow at multiples of `stride`.
    ///   - count: numbers of a row, a multiple of sixteen.
    static func apply(to values: UnsafeMutablePointer<Float>, rows: Int, count: Int, stride: Int) {
        for row in Swift.stride(from: 0, to: rows, by: 2) {
            let first = values + row * stride
            let second = row + 1 < rows ? first + stride : first
            for s in Swift.stride(from: 0, to: count, by: 16) {
                let (p, q) = quotient(load(first, s))
                let (r, t) = quotient(load(second, s))
                let reciprocal = 1 / (q * t)
                store(p * (t * reciprocal), first, s)
                store(r * (q * reciprocal), second, s)
            }
        }
    }

    /// Numerator and denominator.
    @inline(__always)
    private static func quotient(_ x: SIMD16<Float>) -> (SIMD16<Float>, SIMD16<Float>) {
        let x = clamped(x)
        let square = x * x
        var p = SIMD16<Float>(repeating: 1.428_807_916e-8)
        p = SIMD16(repeating: 2.125_189_530e-5).addingProduct(p, square)
        p = SIMD16(repeating: 3.533_565_905e-3).addingProduct(p, square)
        p = SIMD16(repeating: 1.341_269_016e-1).addingProduct(p, square)
        p = SIMD16(repeating: 1).addingProduct(p, square)
        var q = SIMD16<Float>(repeating: 8.148_978_168e-7)
        q = SIMD16(repeating: 3.348_466_707e-4).addingProduct(q, square)
        q = SIMD16(repeating: 2.602_047_846e-2).addingProduct(q, square)
        q = SIMD16(repeating: 4.674_600_661e-1).addingProduct(q, square)
        q = SIMD16(repeating: 1).addingProduct(q, square)
        return (x * p, q)
    }

    /// Comparisons with NaN are false, so that it stays.
    @inline(__always)
    private static func clamped(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let limit = SIMD16<Float>(repeating: 8.4)
        let below = x.replacing(with: limit, where: limit .< x)
        return below.replacing(with: -limit, where: -limit .> below)
    }
}
