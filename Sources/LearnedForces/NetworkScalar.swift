import Foundation
import LatticeNumerics

/// The arithmetic of a network: matrices of BLAS and the functions of a gate.
protocol NetworkScalar: MatrixScalar {
    /// σ(x) = 1/(1 + e^{−x}) of sixteen numbers.
    static func logistic(_ x: SIMD16<Self>) -> SIMD16<Self>
    /// 1/√x of sixteen positive numbers.
    static func inverseSquareRoot(_ x: SIMD16<Self>) -> SIMD16<Self>
    /// The sixteen numbers, but 0 where x is 0. Comparisons that do not know the type go through numbers one by one.
    static func clearing(_ values: SIMD16<Self>, whereZero x: SIMD16<Self>) -> SIMD16<Self>
}

extension Double: NetworkScalar {
    @inline(__always)
    static func logistic(_ x: SIMD16<Double>) -> SIMD16<Double> {
        var result = SIMD16<Double>()
        for lane in 0..<16 { result[lane] = 1 / (1 + exp(-x[lane])) }
        return result
    }

    @inline(__always)
    static func inverseSquareRoot(_ x: SIMD16<Double>) -> SIMD16<Double> { 1 / x.squareRoot() }

    @inline(__always)
    static func clearing(_ values: SIMD16<Double>, whereZero x: SIMD16<Double>) -> SIMD16<Double> {
        values.replacing(with: 0, where: x .== 0)
    }
}

extension Float: NetworkScalar {
    /// Relative error below 3e-7. e^{−x} = 2^k·2^f with f in [−½, ½] and a polynomial of degree 6 for 2^f (Taylor's).
    @inline(__always)
    static func logistic(_ x: SIMD16<Float>) -> SIMD16<Float> {
        // The standard `clamped` goes through the numbers one by one.
        var scaled = x * -1.442_695_04
        scaled.replace(with: -126, where: scaled .< -126)
        scaled.replace(with: 126, where: scaled .> 126)
        // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits: a conversion without leaving the vector.
        let shifted = scaled + 0x1.8p23
        let whole = shifted - 0x1.8p23
        let f = scaled - whole
        var power = SIMD16<Float>(repeating: 1.540_353_04e-4)
        power = SIMD16(repeating: 1.333_355_81e-3).addingProduct(f, power)
        power = SIMD16(repeating: 9.618_129_11e-3).addingProduct(f, power)
        power = SIMD16(repeating: 5.550_410_87e-2).addingProduct(f, power)
        power = SIMD16(repeating: 2.402_265_07e-1).addingProduct(f, power)
        power = SIMD16(repeating: 6.931_471_81e-1).addingProduct(f, power)
        power = SIMD16(repeating: 1).addingProduct(f, power)
        let exponent = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
        let scale = unsafeBitCast(exponent &+ 127 << 23, to: SIMD16<Float>.self)
        return 1 / SIMD16(repeating: 1).addingProduct(power, scale)
    }

    /// Relative error below 3e-7: a guess from the halved exponent, then three Newton steps. The standard square root of a vector
    /// is sixteen calls of the C library's, which sets errno.
    @inline(__always)
    static func inverseSquareRoot(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let guess = 0x5F37_59DF &- (unsafeBitCast(x, to: SIMD16<UInt32>.self) &>> 1)
        var y = unsafeBitCast(guess, to: SIMD16<Float>.self)
        let half = x * -0.5
        for _ in 0..<3 { y *= SIMD16(repeating: 1.5).addingProduct(half * y, y) }
        return y
    }

    @inline(__always)
    static func clearing(_ values: SIMD16<Float>, whereZero x: SIMD16<Float>) -> SIMD16<Float> {
        values.replacing(with: 0, where: x .== 0)
    }
}
