import Foundation
import LatticeNumerics

/// A candidate for the best approximation of ½ tanh(x/2) on (0, bound]: the error takes the values −h, +h, −h, … at 2m + 1
/// ascending points.
///
/// m partial fractions have 2m parameters, and by Chebyshev's theorem the best ones are those whose error reaches its largest
/// magnitude with alternating signs at 2m + 1 points. ½ tanh(x/2)/x is a Stieltjes function of x² (its expansion
/// Σ 2/(x² + (2n−1)²π²) has negative poles and positive weights only), so the best a_k are real and the best w_k positive.
struct Equioscillation {
    var fractions: PartialFractions
    /// h > 0.
    var level: Double
    /// The 2m + 1 points; the last one is the bound.
    var reference: [Double]

    /// The end of the interval.
    var bound: Double { reference[reference.count - 1] }

    /// The best approximation near this candidate, by the Remez algorithm: level the error on the reference, move the reference
    /// to the extrema, until no extremum exceeds the level by more than 1 %. nil if that leads nowhere.
    func equioscillating() -> Equioscillation? {
        var candidate = self
        for _ in 0..<12 {
            guard let leveled = candidate.leveled(), let (exchanged, largest) = leveled.exchanged() else { return nil }
            candidate = exchanged
            if largest <= 1.01 * candidate.level { return candidate }
        }
        return nil
    }

    /// Newton's method for e(x_i) = ∓h in the unknowns ln a_k, ln w_k, h, with steps halved until the residual falls.
    private func leveled() -> Equioscillation? {
        var current = self
        var residual = current.residual()
        for _ in 0..<12 {
            let largest = Self.largest(residual)
            if largest <= 0.005 * abs(current.level) { return current.level > 0 ? current : nil }
            guard let direction = current.newtonDirection(residual) else { return nil }
            var step = min(1, 1 / Self.largest(direction.dropLast()))
            while true {
                guard step > 0.01 else { return nil }
                var next = current
                next.fractions = current.fractions.moved(along: direction, step: step)
                next.level += step * direction[direction.count - 1]
                let nextResidual = next.residual()
                if Self.largest(nextResidual) < largest {
                    current = next
                    residual = nextResidual
                    break
                }
                step /= 2
            }
        }
        return nil
    }

    /// e(x_i) + (−1)^i h.
    private func residual() -> [Double] {
        reference.indices.map { fractions.error(at: reference[$0]) + ($0.isMultiple(of: 2) ? level : -level) }
    }

    private func newtonDirection(_ residual: [Double]) -> [Double]? {
        let count = fractions.poles.count
        let size = reference.count
        var system = LinearSystem(dimension: size)
        for row in 0..<size {
            for k in 0..<count {
                let derivatives = fractions.logarithmicDerivatives(at: reference[row], pole: k)
                system.matrix[row * size + k] = derivatives.pole
                system.matrix[row * size + count + k] = derivatives.weight
            }
            system.matrix[row * size + size - 1] = row.isMultiple(of: 2) ? 1 : -1
            system.vector[row] = -residual[row]
        }
        guard system.solve(), system.vector.allSatisfy(\.isFinite) else { return nil }
        return system.vector
    }

    /// The same fractions with the reference moved to the extrema of the error, and the largest of these; nil if the error does
    /// not alternate 2m + 1 times.
    private func exchanged() -> (Equioscillation, largest: Double)? {
        let curve = ErrorCurve(self, samples: 12)
        let extrema = curve.extrema()
        guard extrema.count == reference.count else { return nil }
        var exchanged = self
        exchanged.reference = extrema.map(\.position)
        exchanged.reference[reference.count - 1] = bound
        return (exchanged, extrema.reduce(0) { max($0, $1.magnitude) })
    }

    private static func largest(_ values: some Sequence<Double>) -> Double { values.reduce(0) { max($0, abs($1)) } }
}
