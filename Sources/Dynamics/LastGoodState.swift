import ForceFields
import Lattices

/// What is needed to go back to an earlier point of a trajectory, without the force, which follows from it.
struct LastGoodState {
    private var displacement: SiteField
    private var velocity: SiteField
    private var step: Int

    init(_ state: PhaseSpaceState) {
        (displacement, velocity, step) = (state.displacement, state.velocity, state.step)
    }

    /// Takes the place of the former, without taking new memory.
    mutating func assign(_ state: PhaseSpaceState) {
        displacement.values.overwrite(with: state.displacement.values)
        velocity.values.overwrite(with: state.velocity.values)
        step = state.step
    }

    /// Brings the state back to this point; the force has the bits that it had.
    ///
    /// - Throws: what the force field throws.
    func restore(_ state: inout PhaseSpaceState, forceField: any ForceField) throws {
        state.displacement.values.overwrite(with: displacement.values)
        state.velocity.values.overwrite(with: velocity.values)
        state.step = step
        try state.evaluateForce(forceField)
    }
}

extension [Double] {
    fileprivate mutating func overwrite(with other: [Double]) {
        precondition(count == other.count, "fields of one size")
        withUnsafeMutableBufferPointer { target in
            other.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0) }
        }
    }
}
