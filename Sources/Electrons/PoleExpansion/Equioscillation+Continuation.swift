import Foundation

extension Equioscillation {
    /// Below this error the rounding of double precision keeps Newton's method from levelling the error.
    static let floor = 8e-14

    /// Follows the best approximation in ln(bound) to another bound, each step predicted from the two before it and corrected
    /// by ``equioscillating()``. On the way to a smaller bound it ends where the error reaches ``floor``.
    ///
    /// nil if the steps became too small far from that.
    func continued(to target: Double) -> Equioscillation? {
        var current = self
        var previous: (coordinates: [Double], logarithm: Double)?
        var largestStep = 1.0
        while current.bound != target {
            let logarithm = log(current.bound)
            let distance = log(target) - logarithm
            var step = min(max(distance, -largestStep), largestStep)
            if distance < 0 {
                guard current.level > 1.05 * Self.floor else { return current }
                if let previous {
                    // The error falls steeply with the bound: not by more than a factor e³ a step, and not below the floor.
                    let exponent = (log(current.level) - previous.coordinates.last!) / (logarithm - previous.logarithm)
                    step = max(step, -min(3, log(current.level / Self.floor)) / max(exponent, 0.1))
                }
            }
            let reached = step == distance ? target : exp(logarithm + step)
            let coordinates = current.coordinates
            let prediction =
                previous.map { earlier in
                    zip(coordinates, earlier.coordinates).map { $0 + ($0 - $1) / (logarithm - earlier.logarithm) * step }
                } ?? current.stretched(by: step)
            if let next = Equioscillation(coordinates: prediction, bound: reached)?.equioscillating() {
                previous = (coordinates, logarithm)
                current = next
                largestStep = min(1.5 * largestStep, 3)
            } else {
                largestStep = abs(step) / 2
                guard largestStep > 0.01 else { return nil }
            }
        }
        return current
    }

    /// ln of the poles, the weights, the reference and the level: what is smooth as a function of ln(bound).
    private var coordinates: [Double] { (fractions.poles + fractions.weights + reference + [level]).map { log($0) } }

    /// The inverse of ``coordinates``; nil if the reference is not ascending.
    private init?(coordinates: [Double], bound: Double) {
        let values = coordinates.map { exp($0) }
        let count = (values.count - 2) / 4
        var reference = Array(values[2 * count..<4 * count + 1])
        reference[2 * count] = bound
        guard zip(reference, reference.dropFirst()).allSatisfy(<) else { return nil }
        self.init(
            fractions: PartialFractions(poles: Array(values[..<count]), weights: Array(values[count..<2 * count])),
            level: values[values.count - 1], reference: reference)
    }

    /// ``coordinates`` for a bound e^step times as large, before a second bound is known: what lies between π, where the poles
    /// of tanh begin, and a large bound is spread; on a small interval the reference alone scales.
    private func stretched(by step: Double) -> [Double] {
        let count = fractions.poles.count
        let long = bound > 5
        let start = log(Double.pi)
        let length = log(bound) - start
        func shift(_ coordinate: Double) -> Double { min(max((coordinate - start) / length, 0), 1) * step }
        return coordinates.enumerated().map { index, coordinate in
            switch index {
            case 0..<count: coordinate + (long ? shift(coordinate) : 0)
            case count..<2 * count: coordinate + (long ? shift(log(fractions.poles[index - count])) : 0)
            case 2 * count..<4 * count + 1: coordinate + (long ? shift(coordinate) : step)
            default: coordinate
            }
        }
    }
}
