import Communication
import LatticeNumerics
import Lattices

/// Sums of a scalar field, or of one component, over all sites, whose bits do not depend on how many ranks or threads there are: rows are summed by
/// themselves and added by `RowSums`.
final class FieldSums {
    /// What is summed.
    struct Values: Sendable {
        /// Σ f
        let sum: Double
        /// Σ f².
        let squares: Double
        /// Σ s f; NaN if there are no signs.
        let staggered: Double
        /// Sites.
        let count: Double

        var mean: Double { sum / count }
        var meanSquare: Double { squares / count }
        var staggeredMean: Double { staggered / count }
    }

    private let slabs: RowSlabs
    private let signs: SublatticeSigns?
    private let pool: WorkerPool?
    private let rowSums: RowSums
    private let partial: AlignedMemory

    /// Whether staggered sums are made.
    var hasSigns: Bool { signs != nil }

    /// Sums over the rows of `slabs`.
    ///
    /// - Parameter pool: the threads; the calling one alone if nil.
    init(_ slabs: RowSlabs, signs: SublatticeSigns?, pool: WorkerPool?) {
        self.slabs = slabs
        self.signs = signs
        self.pool = pool
        rowSums = RowSums(slabs, count: 3)
        partial = AlignedMemory(count: slabs.rows.count * 3)
    }

    /// The sums of the field of which this rank has the rows `slab`.
    func values(_ slab: UnsafeBufferPointer<Double>) -> Values {
        nonisolated(unsafe) let slab = slab
        let partition = slabs.partition
        let units = slabs.units
        let first = slabs.rows.lowerBound
        let sumUnit = { @Sendable [partial, signs] (index: Int) in
            let unit = units.lowerBound + index
            for row in partition.rows(ofUnits: unit..<unit + 1) {
                let length = partition.sitesPerRow
                let sums = Self.sums(slab.baseAddress! + (row - first) * length, length, row, signs)
                for k in 0..<3 { partial.start[(row - first) * 3 + k] = sums[k] }
            }
        }
        if let pool {
            pool.forEach(count: units.count) { index, _ in sumUnit(index) }
        } else {
            for index in 0..<units.count { sumUnit(index) }
        }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { total in
            total.initialize(repeating: 0)
            rowSums.total(UnsafeBufferPointer(start: partial.start, count: partial.count), into: total)
            return Values(
                sum: total[0], squares: total[1], staggered: signs == nil ? .nan : total[2],
                count: Double(partition.whole.siteCount))
        }
    }

    /// Σ f, Σ f² and Σ s f of a row.
    private static func sums(_ values: UnsafePointer<Double>, _ length: Int, _ row: Int, _ signs: SublatticeSigns?)
        -> SIMD4<Double>
    {
        guard let signs else { return lineSums(values, nil, length) }
        let lines = length / signs.lineLength
        return signs.table.withUnsafeBufferPointer { table in
            (0..<lines).reduce(SIMD4<Double>.zero) { sums, line in
                let line = (index: line, signs: signs.line(row * lines + line))
                let part = lineSums(
                    values + line.index * signs.lineLength, table.baseAddress! + line.signs.start, signs.lineLength)
                return sums + part * SIMD4(1, 1, line.signs.factor, 1)
            }
        }
    }

    /// Sums with eight lanes and a rest.
    private static func lineSums(_ values: UnsafePointer<Double>, _ signs: UnsafePointer<Double>?, _ length: Int)
        -> SIMD4<Double>
    {
        var (sum, squares, staggered) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
        let vectors = length / 8
        for k in 0..<vectors {
            let value = UnsafeRawPointer(values + 8 * k).loadUnaligned(as: SIMD8<Double>.self)
            sum += value
            squares += value * value
            if let signs { staggered += value * UnsafeRawPointer(signs + 8 * k).loadUnaligned(as: SIMD8<Double>.self) }
        }
        var result = SIMD4(sum.sum(), squares.sum(), staggered.sum(), 0)
        for k in 8 * vectors..<length {
            result += SIMD4(values[k], values[k] * values[k], values[k] * (signs?[k] ?? 0), 0)
        }
        return result
    }
}
