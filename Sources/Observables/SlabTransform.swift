import Communication
import LatticeNumerics

/// Fourier transform, power spectrum and autocorrelation of a field that is dealt out to ranks in slabs of rows.
///
/// Rows are transformed one by one, columns one by one, each by one call of FFTW: the bits do not depend on how many ranks or
/// threads there are. |f|² takes the place of f, and as it is even in q and real, the transform back needs half the lines and
/// half the memory. There are 16 bytes a site of memory for several ranks, 12 for one, which sends no messages, and 8 more
/// for several components.
///
/// `@unchecked Sendable`: used by one call at a time; the threads of a call write different parts of the memory.
final class SlabTransform: @unchecked Sendable {
    let layout: SpectrumLayout
    private let communicator: any Communicator
    private let pool: WorkerPool
    private let rowTransform: RealTransform
    private let columnTransform: ComplexTransform
    private let powerTransform: RealTransform
    /// In the memory below, which goes after them.
    private let forwardMessages: MessageSet
    private let backwardMessages: MessageSet
    /// f(q), then |f(q)|²: [row][own column].
    private let spectrum: AlignedMemory
    /// What goes to other ranks in the forward transform. In the backward one what goes and, from `backwardStart` on, what comes:
    /// [column][own half row].
    private let exchanged: AlignedMemory
    private let backwardStart: Int
    /// Where the part of every rank begins: [own row][column] and [own column][half row], in numbers.
    private let forwardTargets: [UnsafeMutablePointer<Double>]
    private let backwardTargets: [UnsafeMutablePointer<Double>]
    private let workspaces: [Workspace]
    /// Σ |f(q)|² of several fields, where `spectrum` has |f(q)|².
    private lazy var powerSum = AlignedMemory(count: spectrum.count)

    private struct Workspace: Sendable {
        let first: AlignedMemory
        let second: AlignedMemory
    }

    init(_ layout: SpectrumLayout, communicator: any Communicator, pool: WorkerPool) {
        let own = communicator.rank
        let ranks = 0..<communicator.size
        let (rows, columns, halfRows) = (layout.rows.rows(of:), layout.columns.items(of:), layout.halfRows.items(of:))
        self.layout = layout
        self.communicator = communicator
        self.pool = pool
        rowTransform = RealTransform(dimensions: layout.size.dropLast().reversed())
        columnTransform = ComplexTransform(length: layout.rows.rowCount)
        powerTransform = RealTransform(dimensions: [layout.rows.rowCount])

        // Complex numbers for rank r, forwards and backwards, and from it.
        let leaving = ranks.map { $0 == own ? 0 : rows(own).count * columns($0).count }
        let returning = ranks.map { $0 == own ? 0 : columns(own).count * halfRows($0).count }
        func starts(_ counts: [Int]) -> [Int] { counts.indices.map { counts[..<$0].reduce(0, +) } }
        let spectrum = AlignedMemory(count: 2 * layout.rows.rowCount * columns(own).count)
        let backwardStart = AlignedMemory.aligned(2 * returning.reduce(0, +))
        let back = backwardStart + 2 * layout.columns.count * halfRows(own).count
        let exchanged = AlignedMemory(count: max(2 * leaving.reduce(0, +), back))
        self.spectrum = spectrum
        self.exchanged = exchanged
        self.backwardStart = backwardStart
        forwardTargets = zip(ranks, starts(leaving)).map { rank, start in
            rank == own
                ? spectrum.start + 2 * rows(own).lowerBound * columns(own).count : exchanged.start + 2 * start
        }
        backwardTargets = zip(ranks, starts(returning)).map { rank, start in
            exchanged.start
                + (rank == own ? backwardStart + 2 * columns(own).lowerBound * halfRows(own).count : 2 * start)
        }
        func messages(_ parts: [(start: UnsafeMutablePointer<Double>, count: Int)]) -> [MessageSet.Message] {
            ranks.filter { $0 != own && parts[$0].count > 0 }.map {
                MessageSet.Message(
                    rank: $0, tag: 0, values: UnsafeMutableBufferPointer(start: parts[$0].start, count: 2 * parts[$0].count))
            }
        }
        forwardMessages = MessageSet(
            sent: messages(ranks.map { [forwardTargets] in (forwardTargets[$0], leaving[$0]) }),
            received: messages(
                ranks.map {
                    (spectrum.start + 2 * rows($0).lowerBound * columns(own).count, rows($0).count * columns(own).count)
                }))
        backwardMessages = MessageSet(
            sent: messages(ranks.map { [backwardTargets] in (backwardTargets[$0], returning[$0]) }),
            received: messages(
                ranks.map {
                    (
                        exchanged.start + backwardStart + 2 * columns($0).lowerBound * halfRows(own).count,
                        columns($0).count * halfRows(own).count
                    )
                }))

        let columnLines = min(UnitPartition.block, layout.columns.count) * Self.stride(2 * layout.rows.rowCount)
        let rowLines = min(UnitPartition.block, layout.halfRows.count) * Self.stride(2 * layout.columns.count)
        let workspace = max(columnLines, rowLines, layout.rowLength)
        workspaces = (0..<pool.threads).map { _ in
            Workspace(first: AlignedMemory(count: workspace), second: AlignedMemory(count: workspace))
        }
    }

    /// From one line in a workspace to the next: aligned, and not a power of two, lest lines share a set of the cache.
    private static func stride(_ count: Int) -> Int { AlignedMemory.aligned(count) + 8 }

    /// |f(q)|² of own columns, from ``forward(_:mean:)`` on.
    var power: PowerSlab {
        PowerSlab(
            values: UnsafeBufferPointer(start: spectrum.start, count: spectrum.count),
            rowStride: 2 * layout.columns.items(of: communicator.rank).count,
            blockStride: 2 * UnitPartition.block)
    }

    /// Finds |f(q)|² of the field without its mean.
    ///
    /// - Parameters:
    ///   - slab: the rows of this rank.
    ///   - mean: of the field.
    func forward(_ slab: UnsafeBufferPointer<Double>, mean: Double) {
        nonisolated(unsafe) let slab = slab
        let own = communicator.rank
        let first = layout.rows.rows(of: own).lowerBound
        let units = layout.rows.units(of: own)
        pool.forEach(count: units.count) { [self] index, worker in
            let unit = units.lowerBound + index
            for row in layout.rows.rows(ofUnits: unit..<unit + 1) {
                transformRow(slab.baseAddress! + (row - first) * layout.rowLength, mean, row - first, workspaces[worker])
            }
        }
        communicator.begin(forwardMessages)
        communicator.finish(forwardMessages)
        let columns = layout.columns.items(of: own)
        forEachUnit(of: layout.columns) { [self] unit, workspace in
            for block in layout.columns.blocks(ofUnit: unit) {
                transformColumns(block.lowerBound - columns.lowerBound, block.count, columns.count, workspace)
            }
        }
    }

    /// Adds |f(q)|² of the field to that of the fields before it, and lets ``power`` be the sum.
    func addPower(isFirst: Bool) {
        let (sum, power) = (powerSum.start, spectrum.start)
        // Between the numbers of the power stand others, which nothing reads.
        for k in 0..<spectrum.count { sum[k] = isFirst ? power[k] : sum[k] + power[k] }
        power.update(from: sum, count: spectrum.count)
    }

    /// Finds (1/N) Σ_r f_r·f_{r+d} of the field, after ``forward(_:mean:)``.
    ///
    /// - Parameters:
    ///   - means: of the components of the field, the same again.
    ///   - body: is given the values of one of this rank's half rows, its number and its unit, by the threads of the pool.
    func autocorrelation(
        means: [Double],
        _ body: @Sendable (_ unit: Int, _ row: Int, _ values: UnsafeMutablePointer<Double>) -> Void
    ) {
        let own = communicator.rank
        let background = means.dropFirst().reduce(means[0] * means[0]) { $0 + $1 * $1 }
        let columns = layout.columns.items(of: own)
        forEachUnit(of: layout.columns) { [self] unit, workspace in
            for block in layout.columns.blocks(ofUnit: unit) {
                transformPower(block.lowerBound - columns.lowerBound, block.count, columns.count, workspace)
            }
        }
        communicator.begin(backwardMessages)
        communicator.finish(backwardMessages)
        let halfRows = layout.halfRows.items(of: own)
        let count = Double(layout.rows.rowCount * layout.rowLength)
        let scale = 1 / (count * count)
        forEachUnit(of: layout.halfRows) { [self] unit, workspace in
            for block in layout.halfRows.blocks(ofUnit: unit) {
                gatherHalfRows(block.lowerBound - halfRows.lowerBound, block.count, halfRows.count, workspace)
                for (line, row) in block.enumerated() {
                    let spectrum = workspace.first.start + line * Self.stride(2 * layout.columns.count)
                    let values = workspace.second.start
                    rowTransform.backward(spectrum, into: values)
                    for k in 0..<layout.rowLength { values[k] = values[k] * scale + background }
                    body(unit, row, values)
                }
            }
        }
    }

    private func forEachUnit(of partition: UnitPartition, _ body: @Sendable (_ unit: Int, _ workspace: Workspace) -> Void) {
        let units = partition.units(of: communicator.rank)
        pool.forEach(count: units.count) { [workspaces] index, worker in body(units.lowerBound + index, workspaces[worker]) }
    }

    /// Transforms a row and deals its columns out.
    private func transformRow(_ values: UnsafePointer<Double>, _ mean: Double, _ row: Int, _ workspace: Workspace) {
        let (field, line) = (workspace.first.start, workspace.second.start)
        for k in 0..<layout.rowLength { field[k] = values[k] - mean }
        rowTransform.forward(field, into: line)
        for (rank, target) in forwardTargets.enumerated() {
            let columns = layout.columns.items(of: rank)
            (target + 2 * row * columns.count).update(from: line + 2 * columns.lowerBound, count: 2 * columns.count)
        }
    }

    /// Transforms a block of columns and puts |f|² into the first half of the place where its rows were.
    private func transformColumns(_ first: Int, _ width: Int, _ ownCount: Int, _ workspace: Workspace) {
        let length = layout.rows.rowCount
        let stride = Self.stride(2 * length) / 2
        let source = Self.complex(spectrum.start) + first
        let (lines, results) = (Self.complex(workspace.first.start), Self.complex(workspace.second.start))
        for row in 0..<length {
            for column in 0..<width { lines[column * stride + row] = source[row * ownCount + column] }
        }
        for column in 0..<width {
            columnTransform.forward(
                workspace.first.start + 2 * column * stride, into: workspace.second.start + 2 * column * stride)
        }
        for row in 0..<length {
            let target = spectrum.start + 2 * (row * ownCount + first)
            for column in 0..<width {
                let value = results[column * stride + row]
                target[column] = (value * value).sum()
            }
        }
    }

    /// Transforms |f|² of a block of columns and deals the rows 0…L/2 out.
    private func transformPower(_ first: Int, _ width: Int, _ ownCount: Int, _ workspace: Workspace) {
        let length = layout.rows.rowCount
        let stride = Self.stride(length)
        let lines = workspace.first.start
        for row in 0..<length {
            let source = spectrum.start + 2 * (row * ownCount + first)
            for column in 0..<width { lines[column * stride + row] = source[column] }
        }
        for column in 0..<width {
            let result = workspace.second.start
            powerTransform.forward(lines + column * stride, into: result)
            for (rank, target) in backwardTargets.enumerated() {
                let rows = layout.halfRows.items(of: rank)
                (target + 2 * (first + column) * rows.count).update(from: result + 2 * rows.lowerBound, count: 2 * rows.count)
            }
        }
    }

    /// Brings a block of half rows together, conjugated: |f|² was transformed with e^{−iq·d}, and e^{iq·d} is wanted.
    private func gatherHalfRows(_ first: Int, _ width: Int, _ ownCount: Int, _ workspace: Workspace) {
        let stride = Self.stride(2 * layout.columns.count) / 2
        let source = Self.complex(exchanged.start + backwardStart) + first
        let lines = Self.complex(workspace.first.start)
        for column in 0..<layout.columns.count {
            for row in 0..<width { lines[row * stride + column] = source[column * ownCount + row] * SIMD2(1, -1) }
        }
    }

    private static func complex(_ start: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<SIMD2<Double>> {
        UnsafeMutableRawPointer(start).assumingMemoryBound(to: SIMD2<Double>.self)
    }
}
