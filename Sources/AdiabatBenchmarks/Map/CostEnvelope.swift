import Foundation

/// The lowest error that can be had for a cost, of several ways to find the forces.
///
/// Ways that another one beats in both do not count. Between the others the logarithm of the error is interpolated linearly in
/// that of the cost.
package struct CostEnvelope {
    /// A way to find the forces: seconds and error.
    package struct Point: Equatable {
        let cost: Double
        let error: Double

        package init(cost: Double, error: Double) {
            self.cost = cost
            self.error = error
        }
    }

    /// Ascending costs, descending errors.
    package let points: [Point]

    /// - Parameter points: costs and errors greater than 0.
    package init(_ points: [Point]) {
        precondition(points.allSatisfy { $0.cost > 0 && $0.error > 0 }, "costs and errors above zero")
        var best: [Point] = []
        for point in points.sorted(by: { ($0.cost, $0.error) < ($1.cost, $1.error) })
        where point.error < best.last?.error ?? .infinity {
            best.append(point)
        }
        self.points = best
    }

    /// The lowest error at a cost: that of the last way beyond its cost, nil below the cost of the first.
    package func error(at cost: Double) -> Double? {
        guard let first = points.first, cost >= first.cost else { return nil }
        guard let above = points.firstIndex(where: { $0.cost > cost }) else { return points.last?.error }
        let (low, high) = (points[above - 1], points[above])
        let part = log(cost / low.cost) / log(high.cost / low.cost)
        return low.error * pow(high.error / low.error, part)
    }
}
