import Communication
import Foundation
import LatticeNumerics
import Lattices

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
    /// Collective: all ranks throw the same error or none does.
    ///
    /// - Throws: ``DynamicsError/diverged(quantity:value:limit:step:site:)`` for the first site out of bounds, counted in the whole
    ///   lattice.
    public func requireWithin(_ bounds: PhaseSpaceBounds, communicator: any Communicator = SingleProcess()) throws {
        let checks = [
            ("displacement", displacement, bounds.displacement), ("velocity", velocity, bounds.velocity),
            ("force", force, bounds.force),
        ]
        let own = checks.map { firstOutside($0.2, $0.1) }
        // The first component is the one with the largest opposite.
        var firsts = own.map { $0.map { -Double($0.ofWhole) } ?? -.infinity }
        firsts.withUnsafeMutableBufferPointer { communicator.maximum($0) }
        guard let quantity = firsts.firstIndex(where: { $0.isFinite }) else { return }
        let component = Int(-firsts[quantity])
        let (name, field, limit) = checks[quantity]
        let found = own[quantity].flatMap { $0.ofWhole == component ? field.values[$0.local] : nil }
        throw DynamicsError.diverged(
            quantity: name, value: communicator.shared(found), limit: limit, step: step, site: component / field.componentCount)
    }

    /// The first component of the domain whose magnitude is not below `limit`, in the numbering of the domain and of the whole.
    private func firstOutside(_ limit: Double, _ field: SiteField) -> (local: Int, ofWhole: Int)? {
        field.values.withUnsafeBufferPointer { values in
            for piece in pieces {
                // One pass without a branch; a second one only where it is needed.
                var outside = 0
                for k in piece.range { outside |= abs(values[k]) <= limit ? 0 : 1 }
                guard outside != 0 else { continue }
                let local = piece.range.first { !(abs(values[$0]) <= limit) }!
                return (local, piece.firstOfWhole + local - piece.first)
            }
            return nil
        }
    }
}

extension Communicator {
    /// The value that one of the ranks has.
    fileprivate func shared(_ value: Double?) -> Double {
        let bytes = value.map { withUnsafeBytes(of: $0.bitPattern) { Array($0) } } ?? []
        let all = gather(bytes, to: 0)?.first { !$0.isEmpty } ?? []
        let pattern = broadcast(all, from: 0).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        return Double(bitPattern: pattern)
    }
}
