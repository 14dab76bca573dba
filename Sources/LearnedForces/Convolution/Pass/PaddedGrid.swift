import Lattices

/// The sites of a periodic supercell with a halo of copies around them, in one row of memory.
///
/// A neighbour is at a constant distance in the row, so kernels run over the flat range ``columns`` from ``origin``, halo columns
/// between the lines included, and need no indices. What they leave in the halo has no meaning until ``fillHalo(_:rows:)``.
struct PaddedGrid: Sendable {
    let supercell: Supercell
    /// The first site's place in a row.
    let origin: Int
    /// Columns from the first to the last site, rounded up to whole vectors.
    let columns: Int
    /// Elements of a row.
    let rowLength: Int
    /// The place of each site in a row.
    let places: [Int]
    private let strides: [Int]
    private let halo: [Run]

    /// Neighbouring elements of the halo that are copies of neighbouring elements.
    private struct Run {
        let target: Int
        let source: Int
        var count: Int
    }

    /// - Parameters:
    ///   - supercell: periodic in every direction, one site a cell.
    ///   - width: sites of the halo on each side.
    init(_ supercell: Supercell, halo width: Int) {
        precondition(supercell.isPeriodic && supercell.lattice.basis.count == 1, "no open ends, one site a cell")
        let padded = supercell.size.map { $0 + 2 * width }
        let strides = padded.indices.map { padded[..<$0].reduce(1, *) }
        func place(_ cell: [Int]) -> Int { zip(cell, strides).reduce(0) { $0 + ($1.0 + width) * $1.1 } }
        places = (0..<supercell.siteCount).map { place(supercell.cell(of: $0)) }
        origin = places[0]
        columns = (places.last! - places[0] + 16) / 16 * 16
        rowLength = (2 * origin + columns + 15) / 16 * 16
        var runs: [Run] = []
        for element in 0..<padded.reduce(1, *) {
            var rest = element
            let cell = padded.map { side in
                defer { rest /= side }
                return rest % side - width
            }
            let source = places[supercell.site(cell: cell)]
            guard source != element else { continue }
            if let last = runs.last, last.target + last.count == element, last.source + last.count == source {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(target: element, source: source, count: 1))
            }
        }
        self.supercell = supercell
        self.strides = strides
        halo = runs
    }

    /// How far a neighbour is in a row.
    func shift(_ offset: [Int]) -> Int { zip(offset, strides).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Copies the sites into the halo.
    @inline(__always) func fillHalo<Scalar>(_ rows: UnsafeMutablePointer<Scalar>, rows count: Int) {
        halo.withUnsafeBufferPointer { halo in
            for row in 0..<count {
                let row = rows + row &* rowLength
                for run in halo { for k in 0..<run.count { row[run.target &+ k] = row[run.source &+ k] } }
            }
        }
    }

    /// The adjoint of ``fillHalo(_:rows:)``: adds the halo to the sites it is a copy of and leaves zeros in it.
    @inline(__always) func foldHalo<Scalar: BinaryFloatingPoint>(_ rows: UnsafeMutablePointer<Scalar>, rows count: Int) {
        halo.withUnsafeBufferPointer { halo in
            for row in 0..<count {
                let row = rows + row &* rowLength
                for run in halo {
                    for k in 0..<run.count {
                        row[run.source &+ k] += row[run.target &+ k]
                        row[run.target &+ k] = 0
                    }
                }
            }
        }
    }

    /// Writes a number of every site to a row, and its copies to the halo.
    @inline(__always) func scatter<Scalar: BinaryFloatingPoint>(_ values: [Double], to row: UnsafeMutablePointer<Scalar>) {
        for (site, place) in places.enumerated() { row[place] = Scalar(values[site]) }
        fillHalo(row, rows: 1)
    }
}
