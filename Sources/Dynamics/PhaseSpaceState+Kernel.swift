import LatticeNumerics
import Lattices

/// The memory of a state's fields while a kernel runs; every thread writes its own range of components.
struct PhaseSpacePointers: @unchecked Sendable {  // ranges of different pieces do not overlap
    let displacement: UnsafeMutablePointer<Double>
    let velocity: UnsafeMutablePointer<Double>
    let force: UnsafePointer<Double>
}

/// Neighbouring components of a domain.
struct Piece: Sendable, Equatable {
    /// The first one in the fields of the domain.
    let first: Int
    /// The same component in a field of the whole lattice, which addresses its random numbers.
    let firstOfWhole: Int
    let count: Int

    /// Components in a piece at most; even, so that pieces do not share a pair of random numbers if they need not.
    private static let largest = 1 << 14

    /// Pieces that together cover every component of a domain once.
    static func all(of domain: Domain, components: Int) -> [Piece] {
        domain.runs(of: largest / components).map {
            Piece(first: $0.local * components, firstOfWhole: $0.whole * components, count: $0.count * components)
        }
    }

    /// Its components in the fields of the domain.
    var range: Range<Int> { first..<first + count }
}

extension PhaseSpaceState {
    /// Calls `body` for pieces that together cover every component of the domain once.
    mutating func update(with pool: WorkerPool, _ body: @Sendable (PhaseSpacePointers, Piece) -> Void) {
        let pieces = pieces
        displacement.values.withUnsafeMutableBufferPointer { displacement in
            velocity.values.withUnsafeMutableBufferPointer { velocity in
                force.values.withUnsafeBufferPointer { force in
                    let pointers = PhaseSpacePointers(
                        displacement: displacement.baseAddress!, velocity: velocity.baseAddress!, force: force.baseAddress!)
                    pool.forEach(count: pieces.count) { index, _ in body(pointers, pieces[index]) }
                }
            }
        }
    }
}
