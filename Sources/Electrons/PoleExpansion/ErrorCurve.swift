import Foundation

/// The error of an approximation of ½ tanh(x/2), sampled evenly in ln x between the points of its reference and below them.
struct ErrorCurve {
    let points: [Double]
    let values: [Double]

    /// `samples` points between two neighbours of the reference, and as many a factor 1/20 below the first: the error is
    /// proportional to x from there to 0.
    init(_ candidate: Equioscillation, samples: Int) {
        let knots = [candidate.reference[0] / 20] + candidate.reference
        var points: [Double] = []
        for (lower, upper) in zip(knots, knots.dropFirst()) {
            let ratio = log(upper / lower) / Double(samples)
            for k in 0..<samples { points.append(lower * exp(ratio * Double(k))) }
        }
        points.append(candidate.bound)
        self.points = points
        values = points.map(candidate.fractions.error(at:))
    }

    /// The largest magnitude of the error between two changes of its sign, in ascending order; positions are refined by a
    /// parabola in ln x.
    func extrema() -> [(position: Double, magnitude: Double)] {
        var extrema: [(position: Double, magnitude: Double)] = []
        var start = 0
        while start < values.count {
            var end = start + 1
            var top = start
            while end < values.count, (values[end] < 0) == (values[start] < 0) {
                if abs(values[end]) > abs(values[top]) { top = end }
                end += 1
            }
            extrema.append((position(of: top), abs(values[top])))
            start = end
        }
        return extrema
    }

    /// Where the parabola through a sample and its neighbours has its vertex.
    private func position(of top: Int) -> Double {
        guard top > 0, top + 1 < values.count else { return points[top] }
        let left = log(points[top] / points[top - 1])
        let right = log(points[top + 1] / points[top])
        let rise = (abs(values[top]) - abs(values[top - 1])) / left
        let fall = (abs(values[top + 1]) - abs(values[top])) / right
        let curvature = 2 * (fall - rise) / (left + right)
        guard curvature < 0 else { return points[top] }
        let slope = (rise * right + fall * left) / (left + right)
        return points[top] * exp(min(max(-slope / curvature, -left), right))
    }
}
