/// Adam: gradient descent with running first and second moments.
///
///     m ← β₁m + (1−β₁)g,   v ← β₂v + (1−β₂)g²,   θ ← θ − η·m̂/(√v̂ + ε),   m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ)
///
/// Source: Kingma & Ba, arXiv:1412.6980, algorithm 1.
public struct Adam: Sendable, Equatable {
    /// m, one number a parameter.
    public var firstMoment: [Double]
    /// v, one number a parameter.
    public var secondMoment: [Double]
    /// Updates made so far.
    public var step: Int

    /// Moments of zero for `count` parameters.
    public init(count: Int) {
        firstMoment = [Double](repeating: 0, count: count)
        secondMoment = firstMoment
        step = 0
    }

    /// Moments as restored from a checkpoint.
    public init(firstMoment: [Double], secondMoment: [Double], step: Int) {
        precondition(firstMoment.count == secondMoment.count, "moments of equal length")
        self.firstMoment = firstMoment
        self.secondMoment = secondMoment
        self.step = step
    }

    /// One step: updates the moments with `gradient` and moves `parameters` by `learningRate`.
    public mutating func update(
        _ parameters: inout [Double], gradient: [Double], learningRate: Double, beta1: Double, beta2: Double, epsilon: Double
    ) {
        precondition(parameters.count == gradient.count && gradient.count == firstMoment.count, "one gradient a parameter")
        step += 1
        let rate = learningRate / (1 - power(beta1, step))
        let normalization = (1 - power(beta2, step)).squareRoot()
        for k in gradient.indices {
            firstMoment[k] = beta1 * firstMoment[k] + (1 - beta1) * gradient[k]
            secondMoment[k] = beta2 * secondMoment[k] + (1 - beta2) * gradient[k] * gradient[k]
            parameters[k] -= rate * firstMoment[k] / (secondMoment[k].squareRoot() / normalization + epsilon)
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}
