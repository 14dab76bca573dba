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
    @inline(__always) static func hyperbolicTangent(_ x: SIMD16<Float>) -> SIMD16<Float> { RationalTangent.value(x) }
}
