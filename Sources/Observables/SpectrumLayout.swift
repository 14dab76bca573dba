import Communication
import Lattices

/// How a scalar field, its Fourier transform and its correlation function are dealt out to ranks.
///
/// A field lies in rows of one coordinate in the slowest direction. Its transform in the other directions turns a row into
/// columns.count complex numbers. Of these a rank then gets some of all rows: columns, transformed in the slowest direction.
/// The correlation function is even, so that half of its rows are enough: 0…L/2 in the slowest direction, halfRows.count.
/// In one dimension a row has one site and there is one column.
struct SpectrumLayout: Sendable {
    /// Sites in each direction, at least two, the slowest last.
    let size: [Int]
    /// Rows of the field.
    let rows: RowPartition
    /// Wave vectors of the directions before the slowest: [k_y][k_x] with k_x in 0…L_x/2.
    let columns: UnitPartition
    /// Rows 0…L/2.
    let halfRows: UnitPartition

    init(_ rows: RowPartition) {
        self.rows = rows
        size = rows.whole.size.count == 1 ? [1] + rows.whole.size : rows.whole.size
        columns = UnitPartition(
            count: size[1..<size.count - 1].reduce(size[0] / 2 + 1, *), rankCount: rows.rankCount)
        halfRows = UnitPartition(count: rows.rowCount / 2 + 1, rankCount: rows.rankCount)
    }

    /// Sites of a row.
    var rowLength: Int { rows.sitesPerRow }
    /// Wave numbers kept in the first direction.
    var lineLength: Int { size[0] / 2 + 1 }
    /// A point of the grid, of wave vectors or of displacements, in the order of the sites, by its coordinates in the first
    /// direction, in the one between (0 in two dimensions) and in the slowest.
    func coordinates(of point: Int) -> (first: Int, second: Int, row: Int) {
        let inRow = point % rowLength
        return (inRow % size[0], inRow / size[0], point / rowLength)
    }
    /// The point of the opposite vector.
    func opposite(of point: Int) -> Int {
        let (first, second, row) = coordinates(of: point)
        let middle = rowLength / size[0]
        let opposite = (first: (size[0] - first) % size[0], second: (middle - second) % middle)
        return ((rows.rowCount - row) % rows.rowCount * middle + opposite.second) * size[0] + opposite.first
    }
    /// How many wave vectors a kept one with wave number `n` in the first direction stands for: itself, and its opposite if that
    /// is not kept.
    func weight(ofWaveNumber n: Int) -> Double { n == 0 || 2 * n == size[0] ? 1 : 2 }
    /// How many displacements one in a kept row stands for.
    func weight(ofRow row: Int) -> Double { row == 0 || 2 * row == rows.rowCount ? 1 : 2 }
}

/// |f(q)|² of the columns of a rank, [row][column] with the columns in blocks of ``UnitPartition/block``.
struct PowerSlab {
    let values: UnsafeBufferPointer<Double>
    /// Numbers from one row to the next.
    let rowStride: Int
    /// Numbers from one block of columns to the next.
    let blockStride: Int

    /// At a row and a column, counted from the first of the rank.
    @inline(__always)
    func value(row: Int, column: Int) -> Double {
        values[row * rowStride + column / UnitPartition.block * blockStride + column % UnitPartition.block]
    }
}
