import Lattices

/// Reads the neighbourhood of any site of a periodic supercell.
///
/// Wrapped coordinates are tabulated per direction, so memory grows with the sides and not with the sites.
struct NeighborGather: Sendable {
    let neighborhood: Neighborhood
    let supercell: Supercell
    let components: Int
    /// wrapped[axis][coordinate + reach]: the periodic coordinate times the stride of its axis.
    private let wrapped: [[Int]]
    private let reach: Int

    init(_ neighborhood: Neighborhood, supercell: Supercell) {
        precondition(supercell.lattice.basis.count == 1 && supercell.isPeriodic, "one site a cell, no open ends")
        self.neighborhood = neighborhood
        self.supercell = supercell
        components = neighborhood.kind.count(in: supercell.lattice)
        let reach = neighborhood.reach
        self.reach = reach
        var stride = 1
        wrapped = supercell.size.map { side in
            defer { stride *= side }
            return (-reach..<side + reach).map { (($0 % side) + side) % side * stride }
        }
    }

    /// Writes the neighbourhoods of `count` sites to columns of `tile`: tile[value][column], `columns` of them a row.
    ///
    /// - Parameters:
    ///   - field: a value of every component of every site.
    ///   - site: the site of each column.
    @inline(__always)
    func fill<Scalar>(
        _ tile: UnsafeMutablePointer<Scalar>, columns: Int, from field: UnsafePointer<Scalar>, count: Int, firstColumn: Int = 0,
        site: (Int) -> Int
    ) {
        let dimension = supercell.size.count
        withUnsafeTemporaryAllocation(of: Int.self, capacity: dimension) { cell in
            for column in 0..<count {
                var rest = site(column)
                for axis in 0..<dimension {
                    cell[axis] = rest % supercell.size[axis] + reach
                    rest /= supercell.size[axis]
                }
                for (k, offset) in neighborhood.offsets.enumerated() {
                    var index = 0
                    for axis in 0..<dimension { index += wrapped[axis][cell[axis] + offset[axis]] }
                    for c in 0..<components {
                        tile[(k * components + c) * columns + firstColumn + column] = field[index * components + c]
                    }
                }
            }
        }
    }
}
