import Foundation

extension Equioscillation {
    /// The best approximation with `count` poles on the interval where its error is a few times 10⁻⁴.
    ///
    /// With one to three poles Newton's method converges from a crude geometric guess. Further poles go into the middle: there
    /// the best poles are spaced evenly in ln a once the interval is long, so another one at the same distance lengthens the
    /// interval and hardly changes the error.
    static func seed(count: Int) -> Equioscillation? {
        var current = crude(count: min(count, 3)).equioscillating()
        while let candidate = current, candidate.fractions.poles.count < count {
            let present = candidate.fractions.poles.count
            // From eight poles on the middle is regular enough to be continued at once.
            current = candidate.inserting(present < 8 ? 1 : count - present).equioscillating()
        }
        return current
    }

    /// Poles π e^{hk} with weights of a trapezoidal rule in ln a, and the reference between them.
    private static func crude(count: Int) -> Equioscillation {
        let spacing = 1.6
        let poles = (0..<count).map { Double.pi * exp(spacing * Double($0)) }
        var weights = poles.map { spacing * $0 / .pi }
        weights[count - 1] *= 2
        let bound = poles[count - 1] / 2.5
        let reference = (0...2 * count).map { bound * exp(-spacing / 2 * Double(2 * count - $0)) }
        return Equioscillation(
            fractions: PartialFractions(poles: poles, weights: weights), level: 0.01, reference: reference)
    }

    /// `additions` poles more: the distance of the two middle ones repeated, the upper half moved up.
    private func inserting(_ additions: Int) -> Equioscillation {
        let (poles, weights) = (fractions.poles, fractions.weights)
        let count = poles.count
        let middle = count / 2
        let ratio = poles[middle] / poles[middle - 1]
        let factors = (1...additions).map { pow(ratio, Double($0)) }
        let total = factors[additions - 1]
        func extended(_ values: [Double]) -> [Double] {
            values[..<middle] + factors.map { values[middle - 1] * $0 } + values[middle...].map { $0 * total }
        }
        var inserted = self
        inserted.fractions = PartialFractions(poles: extended(poles), weights: extended(weights))
        inserted.reference =
            reference[...count] + factors.flatMap { factor in reference[count - 1...count].map { $0 * factor } }
            + reference[(count + 1)...].map { $0 * total }
        return inserted
    }
}
