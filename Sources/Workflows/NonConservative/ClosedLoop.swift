import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// A circle through configuration space, Q(θ) = Q₀ + R (a cos θ + b sin θ) with orthogonal fields a and b of mean square 1.
package struct ClosedLoop {
    private let center: SiteField
    private let radius: Double
    private let first: [Double]
    private let second: [Double]

    /// The circle around `center` in the plane of two random fields.
    ///
    /// - Parameter radius: R, the root mean square displacement of a site from the centre.
    package init(around center: SiteField, radius: Double, seed: UInt64, index: Int) {
        self.center = center
        self.radius = radius
        let stream = RandomStream(seed: seed, purpose: .genericElement).substream(index)
        let count = center.values.count
        first = Self.normalized(stream.normals(count: count, step: 0))
        let other = stream.normals(count: count, step: 1)
        let overlap = zip(first, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
        second = Self.normalized(zip(first, other).map { $1 - overlap * $0 })
    }

    /// The work around a loop.
    package struct Work {
        /// ∮F·dQ
        package let value: Double
        /// How much the last doubling of the points changed it.
        package let quadratureError: Double
        /// Forces that were computed.
        package let points: Int
    }

    /// ∮F·dQ by the trapezoidal rule, which converges exponentially on a circle, from 16 points on doubled until the value changes
    /// by `tolerance` at most.
    ///
    /// For a linear force F = J Q it is πR² bᵀ(J − Jᵀ)a: the curl in this plane times the area.
    ///
    /// - Parameter maximumPoints: where doubling ends, whatever the change; at least 16.
    package func work(of forceField: any ForceField, tolerance: Double, maximumPoints: Int) throws -> Work {
        var force = center
        /// Σ F·t over `count` points, the tangent t being dQ/dθ by R.
        func sum(count: Int, offset: Double) throws -> Double {
            try (0..<count).reduce(0) { sum, point in
                let angle = 2 * Double.pi * (Double(point) + offset) / Double(count)
                let (cosine, sine) = (cos(angle), sin(angle))
                var moved = center
                for k in first.indices { moved.values[k] += radius * (cosine * first[k] + sine * second[k]) }
                try forceField.computeForces(at: moved, into: &force)
                return first.indices.reduce(sum) { $0 + force.values[$1] * (cosine * second[$1] - sine * first[$1]) }
            }
        }
        var points = 8
        var total = try sum(count: points, offset: 0)
        var change = 0.0
        repeat {
            let between = try sum(count: points, offset: 0.5)
            points *= 2
            change = 2 * Double.pi * radius / Double(points) * abs(total - between)
            total += between
        } while change > tolerance && 2 * points <= maximumPoints
        return Work(value: 2 * Double.pi * radius / Double(points) * total, quadratureError: change, points: points)
    }

    /// bᵀ(J − Jᵀ)a for tests, given J a and J b.
    package func curl(_ jacobian: ([Double]) -> [Double]) -> Double {
        let (a, b) = (jacobian(first), jacobian(second))
        return zip(second, a).reduce(0) { $0 + $1.0 * $1.1 } - zip(first, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func normalized(_ field: [Double]) -> [Double] {
        let scale = (field.reduce(0) { $0 + $1 * $1 } / Double(field.count)).squareRoot()
        return field.map { $0 / scale }
    }
}
