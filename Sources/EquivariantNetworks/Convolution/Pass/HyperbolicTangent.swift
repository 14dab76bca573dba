import Foundation

/// The arithmetic of a convolutional network.
protocol ConvolutionScalar: NetworkScalar {
    /// tanh of sixteen numbers, exactly odd.
    static func hyperbolicTangent(_ x: SIMD16<Self>) -> SIMD16<Self>
}

extension Double: ConvolutionScalar {
    @inline(__always) static func hyperbolicTangent(_ x: SIMD16<Double>) -> SIMD16<Double> {
        var result = SIMD16<Double>()
        for lane in 0..<16 { result[lane] = tanh(x[lane]) }
        return result
    }
}

extension Float: ConvolutionScalar {
    /// Within 4e-7 of tanh: the rational approximation x·P(x²)/Q(x²) of degrees 13 and 6 on |x| ≤ 7.9, where tanh is 1 to
    /// rounding, that the Eigen library uses (Eigen/src/Core/MathFunctionsImpl.h).
    @inline(__always) static func hyperbolicTangent(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let limit = SIMD16<Float>(repeating: 7.905_311)
        let x = pointwiseMin(pointwiseMax(x, -limit), limit)
        let square = x * x
        var odd = SIMD16<Float>(repeating: -2.760_768_5e-16)
        odd = 2.000_187_9e-13 + square * odd
        odd = -8.604_671_5e-11 + square * odd
        odd = 5.122_297_1e-8 + square * odd
        odd = 1.485_722_36e-5 + square * odd
        odd = 6.372_619_3e-4 + square * odd
        odd = 4.893_524_6e-3 + square * odd
        var even = SIMD16<Float>(repeating: 1.198_258_4e-6)
        even = 1.185_347_06e-4 + square * even
        even = 2.268_434_6e-3 + square * even
        even = 4.893_525_2e-3 + square * even
        return x * odd / even
    }
}
