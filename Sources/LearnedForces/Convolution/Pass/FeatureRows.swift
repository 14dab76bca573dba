/// Rows of numbers on a ``PaddedGrid``, [row][place], that one thread works with.
final class FeatureRows<Scalar: NetworkScalar> {
    let base: UnsafeMutablePointer<Scalar>
    let count: Int
    let rowLength: Int

    init(_ count: Int, on grid: PaddedGrid) {
        self.count = count
        rowLength = grid.rowLength
        base = UnsafeMutableRawPointer.allocate(byteCount: max(1, count * rowLength) * MemoryLayout<Scalar>.stride, alignment: 64)
            .bindMemory(to: Scalar.self, capacity: max(1, count * rowLength))
        clear()
    }

    deinit { base.deallocate() }

    @inline(__always) subscript(row: Int) -> UnsafeMutablePointer<Scalar> { base + row &* rowLength }

    @inline(__always) func clear() { base.update(repeating: 0, count: count * rowLength) }
}
