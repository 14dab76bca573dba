import LatticeNumerics

/// The memory of a state's fields while a kernel runs; every thread writes its own range of components.
struct PhaseSpacePointers: @unchecked Sendable {  // ranges of different pieces do not overlap
    let displacement: UnsafeMutablePointer<Double>
    let velocity: UnsafeMutablePointer<Double>
    let force: UnsafePointer<Double>
}

extension PhaseSpaceState {
    /// Components in a piece of work; even, so that pieces do not share a pair of random numbers.
    static let pieceSize = 1 << 14

    /// Site variables of the whole field.
    var componentCount: Int { displacement.values.count }

    /// Calls `body` for ranges that together cover every component once.
    mutating func update(with pool: WorkerPool, _ body: @Sendable (PhaseSpacePointers, Range<Int>) -> Void) {
        let count = componentCount
        displacement.values.withUnsafeMutableBufferPointer { displacement in
            velocity.values.withUnsafeMutableBufferPointer { velocity in
                force.values.withUnsafeBufferPointer { force in
                    let pointers = PhaseSpacePointers(
                        displacement: displacement.baseAddress!, velocity: velocity.baseAddress!, force: force.baseAddress!)
                    pool.forEach(count: (count + Self.pieceSize - 1) / Self.pieceSize) { piece, _ in
                        body(pointers, piece * Self.pieceSize..<min((piece + 1) * Self.pieceSize, count))
                    }
                }
            }
        }
    }
}
