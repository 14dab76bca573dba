import Foundation

/// r(x) = Σ_k w_k x/(x² + a_k²), an odd rational function with purely imaginary poles ±i a_k, and how far it is from ½ tanh(x/2).
struct PartialFractions {
    /// a_k > 0.
    var poles: [Double]
    /// w_k > 0.
    var weights: [Double]

    /// r(x).
    func value(at x: Double) -> Double {
        var sum = 0.0
        for k in poles.indices { sum += weights[k] * x / (x * x + poles[k] * poles[k]) }
        return sum
    }

    /// e(x) = r(x) − ½ tanh(x/2).
    ///
    /// The terms and their sum carry their rounding errors along (Dekker and Knuth): Newton's method multiplies them by the
    /// condition number, about 1/e.
    func error(at x: Double) -> Double {
        let square = x * x
        let squareRemainder = (-square).addingProduct(x, x)
        var sum = -0.5 * tanh(x / 2)
        var remainder = 0.0
        for k in poles.indices {
            let (a, numerator) = (poles[k], weights[k] * x)
            let poleSquare = a * a
            let denominator = square + poleSquare
            let shifted = denominator - square
            let denominatorRemainder =
                (square - (denominator - shifted)) + (poleSquare - shifted) + squareRemainder + (-poleSquare).addingProduct(a, a)
            let term = numerator / denominator
            let numeratorRemainder = (-numerator).addingProduct(weights[k], x)
            remainder +=
                (numerator.addingProduct(-term, denominator) + numeratorRemainder - term * denominatorRemainder) / denominator
            let total = sum + term
            let added = total - sum
            remainder += (sum - (total - added)) + (term - added)
            sum = total
        }
        return sum + remainder
    }

    /// ½ Σ_k w_k ln(x² + a_k²), an antiderivative of r.
    func antiderivative(at x: Double) -> Double {
        var sum = 0.0
        for k in poles.indices { sum += weights[k] * log(x * x + poles[k] * poles[k]) }
        return 0.5 * sum
    }

    /// ∂r/∂ln a_k = −2 a_k² w_k x/(x² + a_k²)² and ∂r/∂ln w_k = w_k x/(x² + a_k²), as the sensible scale of both is logarithmic.
    func logarithmicDerivatives(at x: Double, pole k: Int) -> (pole: Double, weight: Double) {
        let square = poles[k] * poles[k]
        let denominator = x * x + square
        let term = weights[k] * x / denominator
        return (-2 * term * (square / denominator), term)
    }

    /// Poles and weights multiplied by exp(step · direction); the direction lists the poles first, then the weights.
    func moved(along direction: [Double], step: Double) -> PartialFractions {
        let count = poles.count
        var moved = self
        for k in 0..<count {
            moved.poles[k] *= exp(step * direction[k])
            moved.weights[k] *= exp(step * direction[count + k])
        }
        return moved
    }
}
