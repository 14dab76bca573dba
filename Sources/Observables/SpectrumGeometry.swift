import Communication
import LatticeNumerics
import Lattices

/// Where wave vectors and displacements of a supercell lie and who has them: what structure factors and correlation functions
/// share.
struct SpectrumGeometry: Sendable {
    let supercell: Supercell
    let layout: SpectrumLayout
    let communicator: any Communicator
    let pool: WorkerPool
    let signs: SublatticeSigns?
    /// 1/N.
    let normalization: Double
    /// Grid coordinates of the ordering wave vector, at which e^{iQ₀·r} is the sublattice sign.
    let ordering: [Int]?
    /// A quarter of the shortest reciprocal vector.
    let quarterZone: Double
    /// The shortest step of the grid of wave vectors.
    let waveVectorSpacing: Double
    /// Half the shortest side of the supercell.
    let reach: Double
    /// |q − Q₀|, or |q| if there is no Q₀.
    let waveVectors: MinimumImage
    /// |d|.
    let displacements: MinimumImage

    /// - Throws: ``ObservablesError`` for a lattice with several sites per cell, or a supercell with open ends.
    init(_ rows: RowPartition, communicator: any Communicator, pool: WorkerPool) throws {
        let supercell = rows.whole
        let lattice = supercell.lattice
        guard lattice.basis.count == 1 else {
            throw ObservablesError(
                key: "lattice", problem: "\(lattice.name) has \(lattice.basis.count) sites per cell; structure factors need one")
        }
        guard supercell.isPeriodic else {
            throw ObservablesError(
                key: "supercell", problem: "periodic = \(supercell.periodic); structure factors need every direction periodic")
        }
        let signs = SublatticeSigns(supercell)
        let axes = supercell.size.indices
        let ordering = signs?.orderingWaveVector(of: supercell)
        let reciprocal = lattice.dualVectors.map { $0.map { 2 * Double.pi * $0 } }
        let steps = zip(reciprocal, supercell.size).map { vector, side in vector.map { $0 / Double(side) } }
        self.supercell = supercell
        self.communicator = communicator
        self.pool = pool
        self.signs = signs
        normalization = 1 / Double(supercell.siteCount)
        self.ordering = ordering
        layout = SpectrumLayout(rows)
        quarterZone = reciprocal.map(Self.length).min()! / 4
        waveVectorSpacing = steps.map(Self.length).min()!
        reach = zip(supercell.size, lattice.primitiveVectors).map { Double($0) * Self.length($1) / 2 }.min()!
        // A chain is a lattice whose first direction has one point.
        let (lone, origin) = (axes.count == 1 ? [[0.0]] : [], axes.count == 1 ? [0] : [])
        waveVectors = MinimumImage(size: layout.size, steps: lone + steps, origin: origin + (ordering ?? axes.map { _ in 0 }))
        displacements = MinimumImage(
            size: layout.size, steps: lone + lattice.primitiveVectors, origin: origin + axes.map { _ in 0 })
    }

    /// Grid index of the ordering wave vector.
    var orderingIndex: Int? { ordering.map { supercell.site(cell: $0) } }

    /// Every kept wave vector of a unit of columns with |q − Q₀| up to about `cutoff`: that length, S there, and how many wave
    /// vectors it stands for.
    @inline(__always)
    func forEachWaveVector(
        ofUnit unit: Int, of power: PowerSlab, within cutoff: Double,
        _ body: (_ length: Double, _ value: Double, _ weight: Double) -> Void
    ) {
        let columns = layout.columns.items(ofUnit: unit)
        let own = layout.columns.items(of: communicator.rank).lowerBound
        withUnsafeTemporaryAllocation(of: Double.self, capacity: layout.lineLength) { lengths in
            for row in 0..<layout.rows.rowCount {
                forEachLine(columns) { first, count, second in
                    guard
                        waveVectors.lengths(
                            from: first % layout.lineLength, count: count, second: layout.size.count > 2 ? second : row,
                            third: row, cutoff: cutoff, into: lengths.baseAddress!)
                    else { return }
                    for k in 0..<count {
                        body(
                            lengths[k], power.value(row: row, column: first + k - own) * normalization,
                            layout.weight(ofWaveNumber: first % layout.lineLength + k))
                    }
                }
            }
        }
    }

    /// The parts of a range of columns that have one coordinate in the second direction.
    @inline(__always)
    private func forEachLine(_ columns: Range<Int>, _ body: (_ first: Int, _ count: Int, _ second: Int) -> Void) {
        var first = columns.lowerBound
        while first < columns.upperBound {
            let line = first / layout.lineLength
            let end = min((line + 1) * layout.lineLength, columns.upperBound)
            body(first, end - first, line)
            first = end
        }
    }

    /// Multiplies a half row of a correlation function by the sublattice signs of the displacements.
    func applySigns(to values: UnsafeMutablePointer<Double>, row: Int) {
        guard let signs else { return }
        let length = layout.size[0]
        let lines = layout.rowLength / length
        for line in 0..<lines {
            let sign = signs.line(row * lines + line)
            for k in 0..<length { values[line * length + k] *= sign.factor * signs.table[sign.start + k] }
        }
    }

    /// Adds a half row of a correlation function to shells of |d|.
    func add(_ values: UnsafePointer<Double>, row: Int, to sums: UnsafeMutablePointer<Double>, of shells: ShellGrid) {
        let length = layout.size[0]
        let weight = layout.weight(ofRow: row)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: length) { lengths in
            for line in 0..<layout.rowLength / length {
                guard
                    displacements.lengths(
                        from: 0, count: length, second: layout.size.count > 2 ? line : row, third: row, cutoff: shells.cutoff,
                        into: lengths.baseAddress!)
                else { continue }
                for k in 0..<length {
                    shells.add(length: lengths[k], value: values[line * length + k], weight: weight, to: sums)
                }
            }
        }
    }

    /// The lengths at all points of a grid of the supercell's shape.
    func lengths(_ image: MinimumImage) -> [Double] {
        let length = layout.size[0]
        return [Double](unsafeUninitializedCapacity: supercell.siteCount) { all, count in
            for line in 0..<supercell.siteCount / length {
                let (second, third) = (line % layout.size[1], line / layout.size[1])
                _ = image.lengths(
                    from: 0, count: length, second: second, third: third, cutoff: .infinity,
                    into: all.baseAddress! + line * length)
            }
            count = supercell.siteCount
        }
    }

    private static func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
