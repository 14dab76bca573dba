import Lattices

/// The rows of cells of a supercell along its first direction, as they repeat beyond its ends.
package struct SupercellRows: Sendable {
    /// Cells in each direction.
    package let size: Coordinates
    /// Sites of a cell.
    package let basis: Int
    private let isPeriodic: (x: Bool, y: Bool, z: Bool)

    package init(_ supercell: Supercell) {
        size = Coordinates(supercell.size, padding: 1)
        basis = supercell.lattice.basis.count
        let periodic = supercell.periodic
        isPeriodic = (periodic[0], periodic.count < 2 || periodic[1], periodic.count < 3 || periodic[2])
    }

    /// The first cell of a row; nil beyond an open end.
    package func firstCell(y: Int, z: Int) -> Int? {
        guard let y = Self.wrapped(y, size.y, isPeriodic.y), let z = Self.wrapped(z, size.z, isPeriodic.z) else { return nil }
        return (z * size.y + y) * size.x
    }

    /// Calls `body` for each part of a row that does not reach around the supercell.
    ///
    /// - Parameters:
    ///   - x: of the first cell.
    ///   - count: cells of the row.
    ///   - step: from one of them to the next.
    ///   - body: with the part, counted from the first cell of the row, and the first cell's coordinate in the supercell; that is
    ///     nil beyond an open end.
    @inline(__always)
    package func forEachRun(x: Int, count: Int, step: Int, _ body: (_ part: Range<Int>, _ x: Int?) -> Void) {
        var k = 0
        while k < count {
            let x = x + k * step
            let known = Self.wrapped(x, size.x, isPeriodic.x)
            // How many more there are before the next end of the supercell; beyond its last end there is none.
            let end = known.map { size.x - $0 } ?? (x < 0 ? -x : (count - k) * step)
            let part = k..<min(count, k + (end + step - 1) / step)
            body(part, known)
            k = part.upperBound
        }
    }

    private static func wrapped(_ coordinate: Int, _ side: Int, _ isPeriodic: Bool) -> Int? {
        if coordinate >= 0, coordinate < side { return coordinate }
        return isPeriodic ? (coordinate % side + side) % side : nil
    }
}
