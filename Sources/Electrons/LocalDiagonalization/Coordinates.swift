/// Coordinates of a cell, or numbers of cells, along three directions, of which a lattice may have fewer.
package typealias Coordinates = SIMD3<Int>

extension Coordinates {
    /// - Parameter padding: in the directions that the lattice does not have.
    package init(_ values: [Int], padding: Int) {
        self.init(values[0], values.count > 1 ? values[1] : padding, values.count > 2 ? values[2] : padding)
    }
}
