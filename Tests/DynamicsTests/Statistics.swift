import Foundation

/// What tests need to tell noise from error.
enum Statistics {
    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    static func meanSquare(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } / Double(values.count) }

    static func meanProduct(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count) }

    /// The mean of independent samples and its standard error.
    static func meanAndError(_ samples: [Double]) -> (mean: Double, error: Double) {
        let mean = mean(samples)
        let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(samples.count * (samples.count - 1))).squareRoot())
    }

    /// Weighted least squares y = a + b x: the slope b and its standard error, the weights being inverse variances.
    static func slope(_ points: [(x: Double, y: Double, weight: Double)]) -> (slope: Double, error: Double) {
        let weight = points.reduce(0) { $0 + $1.weight }
        let x = points.reduce(0) { $0 + $1.weight * $1.x } / weight
        let y = points.reduce(0) { $0 + $1.weight * $1.y } / weight
        let squares = points.reduce(0) { $0 + $1.weight * ($1.x - x) * ($1.x - x) }
        let products = points.reduce(0) { $0 + $1.weight * ($1.x - x) * ($1.y - y) }
        return (products / squares, 1 / squares.squareRoot())
    }
}
