import Foundation
import LatticeNumerics

/// The largest magnitudes a trajectory may reach before it counts as diverged.
public struct PhaseSpaceBounds: Sendable, Equatable {
    /// Largest |Q|.
    public var displacement: Double
    /// Largest |Q̇|.
    public var velocity: Double
    /// Largest |F|.
    public var force: Double

    /// Every bound is finite: a value that is NaN or infinite is always out of bounds.
    public init(displacement: Double = 1e6, velocity: Double = 1e6, force: Double = 1e9) {
        precondition([displacement, velocity, force].allSatisfy { $0.isFinite && $0 > 0 }, "finite positive bounds")
        self.displacement = displacement
        self.velocity = velocity
        self.force = force
    }
}

extension PhaseSpaceState {
    /// - Throws: ``DynamicsError/diverged(quantity:value:limit:step:site:)`` for the first site out of bounds.
    public func requireWithin(_ bounds: PhaseSpaceBounds) throws {
        let checks = [
            ("displacement", displacement, bounds.displacement), ("velocity", velocity, bounds.velocity),
            ("force", force, bounds.force),
        ]
        for (quantity, field, limit) in checks where !Self.isWithin(limit, field.values) {
            let index = field.values.firstIndex { !(abs($0) <= limit) }!
            throw DynamicsError.diverged(
                quantity: quantity, value: field.values[index], limit: limit, step: step, site: index / field.componentCount)
        }
    }

    /// Overwrites the fields and the counters without taking new memory.
    mutating func assign(_ other: PhaseSpaceState) {
        precondition(componentCount == other.componentCount, "states of one size")
        displacement.values.overwrite(with: other.displacement.values)
        velocity.values.overwrite(with: other.velocity.values)
        force.values.overwrite(with: other.force.values)
        (step, potential, tracksPotential) = (other.step, other.potential, other.tracksPotential)
    }

    /// Whether every magnitude is at most `limit`: one pass without a branch.
    private static func isWithin(_ limit: Double, _ values: [Double]) -> Bool {
        values.withUnsafeBufferPointer { values in
            var outside = 0
            for k in values.indices { outside |= abs(values[k]) <= limit ? 0 : 1 }
            return outside == 0
        }
    }
}

extension [Double] {
    fileprivate mutating func overwrite(with other: [Double]) {
        withUnsafeMutableBufferPointer { target in
            other.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0) }
        }
    }
}
