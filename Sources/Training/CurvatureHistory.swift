/// What L-BFGS remembers of the last steps: displacements of the parameters and the changes of the gradient along them.
///
///     δ = −H g,     H by the two-loop recursion over pairs (s, y) with γ = sᵀy/yᵀy for the diagonal it starts from
///
/// D. C. Liu and J. Nocedal, Math. Program. 45, 503 (1989), doi:10.1007/BF01589116.
public struct CurvatureHistory: Sendable, Equatable {
    /// s, the oldest first.
    public private(set) var steps: [[Double]]
    /// y, the change of the gradient in each step.
    public private(set) var changes: [[Double]]

    /// Pairs as restored from a checkpoint, the oldest first.
    public init(steps: [[Double]] = [], changes: [[Double]] = []) {
        precondition(steps.count == changes.count, "a change of the gradient for every step")
        self.steps = steps
        self.changes = changes
    }

    private static let capacity = 20

    /// Remembers a step, unless the curvature along it is not positive.
    mutating func append(step: [Double], change: [Double]) {
        guard Self.product(step, change) > 1e-12 * Self.product(change, change) else { return }
        steps.append(step)
        changes.append(change)
        if steps.count > Self.capacity {
            steps.removeFirst()
            changes.removeFirst()
        }
    }

    /// −H g; the steepest descent of length at most 10⁻² if nothing is remembered.
    func direction(_ gradient: [Double]) -> [Double] {
        guard let lastStep = steps.last, let lastChange = changes.last else {
            let norm = Self.product(gradient, gradient).squareRoot()
            return gradient.map { -$0 * min(1, 1e-2 / max(norm, .leastNormalMagnitude)) }
        }
        var q = gradient
        var projections: [Double] = []
        for (step, change) in zip(steps, changes).reversed() {
            let projection = Self.product(step, q) / Self.product(step, change)
            projections.append(projection)
            for k in q.indices { q[k] -= projection * change[k] }
        }
        let curvature = Self.product(lastStep, lastChange) / Self.product(lastChange, lastChange)
        for k in q.indices { q[k] *= curvature }
        for ((step, change), projection) in zip(zip(steps, changes), projections.reversed()) {
            let correction = projection - Self.product(change, q) / Self.product(step, change)
            for k in q.indices { q[k] += correction * step[k] }
        }
        return q.map { -$0 }
    }

    static func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
