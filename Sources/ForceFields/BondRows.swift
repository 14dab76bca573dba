import Lattices

/// The neighbours of the sites of a supercell along the bonds of a shell, found row by row: nothing is kept for a site.
struct BondRows: Sendable {
    /// The far end of a directed bond, as seen from its cell.
    private struct End {
        let x: Int
        let y: Int
        let z: Int
        let basis: Int
    }

    /// The bonds that leave a basis site.
    private struct Bonds {
        /// In the order of the lattice.
        let ends: [End]
        /// The cells of a row of which no bond leaves the row.
        let inner: Range<Int>
    }

    /// Of every basis site.
    private let bonds: [Bonds]
    /// Cells in three directions; 1 in those that the lattice does not have.
    private let (columns, lines, layers): (Int, Int, Int)
    private let isPeriodic: (Bool, Bool, Bool)
    /// How many cells a bond spans along any direction.
    let reach: Int

    init(_ supercell: Supercell, shell: Int) {
        func padded<Element>(_ values: [Element], _ padding: Element) -> (Element, Element, Element) {
            (values[0], values.count > 1 ? values[1] : padding, values.count > 2 ? values[2] : padding)
        }
        let lattice = supercell.lattice
        bonds = lattice.basis.indices.map { basis in
            let ends = lattice.directedBonds(from: basis).filter { $0.shell == shell }.map { bond in
                let (x, y, z) = padded(bond.cell, 0)
                return End(x: x, y: y, z: z, basis: bond.to)
            }
            let first = max(0, -(ends.map(\.x).min() ?? 0))
            let last = supercell.size[0] - max(0, ends.map(\.x).max() ?? 0)
            return Bonds(ends: ends, inner: first..<max(first, last))
        }
        (columns, lines, layers) = padded(supercell.size, 1)
        isPeriodic = padded(supercell.periodic, true)
        reach = lattice.bonds.filter { $0.shell == shell }.flatMap { $0.cell.map(abs) }.max() ?? 0
    }

    /// Rows of cells in a box.
    func count(in box: CellBox) -> Int { box.size.dropFirst().reduce(1, *) }

    /// Neighbouring cells of a row, of which the same sites have the same neighbours.
    struct Run {
        /// The first site.
        let site: Int
        /// Cells from there on.
        let count: Int
        /// From a site to that of the next cell.
        let step: Int
        /// The first site's neighbours.
        let neighbors: UnsafeBufferPointer<Int>
    }

    /// Calls `body` for runs of sites that make up a row of a box.
    @inline(__always)
    func forEachRun(in box: CellBox, row: Int, _ body: (Run) -> Void) {
        let (height, ofLayer) = (box.size.count > 1 ? box.size[1] : 1, box.size.count > 2)
        let y = box.size.count > 1 ? box.origin[1] + row % height : 0
        let z = ofLayer ? box.origin[2] + row / height : 0
        let range = box.range(0)
        let step = bonds.count
        let first = (z * lines + y) * columns
        for basis in bonds.indices {
            let ends = bonds[basis].ends
            let inner = bonds[basis].inner.clamped(to: range)
            withUnsafeTemporaryAllocation(of: Int.self, capacity: max(1, ends.count)) { neighbors in
                func run(_ x: Int, count: Int) {
                    var found = 0
                    for end in ends {
                        guard let x = Self.wrapped(x + end.x, columns, isPeriodic.0),
                            let y = Self.wrapped(y + end.y, lines, isPeriodic.1),
                            let z = Self.wrapped(z + end.z, layers, isPeriodic.2)
                        else { continue }
                        neighbors[found] = ((z * lines + y) * columns + x) * step + end.basis
                        found += 1
                    }
                    body(
                        Run(
                            site: (first + x) * step + basis, count: count, step: step,
                            neighbors: UnsafeBufferPointer(rebasing: neighbors[..<found])))
                }
                for x in range.lowerBound..<inner.lowerBound { run(x, count: 1) }
                if !inner.isEmpty { run(inner.lowerBound, count: inner.count) }
                for x in inner.upperBound..<range.upperBound { run(x, count: 1) }
            }
        }
    }

    /// A coordinate inside the supercell; nil beyond an open end.
    @inline(__always)
    private static func wrapped(_ coordinate: Int, _ side: Int, _ isPeriodic: Bool) -> Int? {
        if coordinate >= 0, coordinate < side { return coordinate }
        return isPeriodic ? (coordinate % side + side) % side : nil
    }
}

/// What becomes of the numbers that stand where elastic forces are written.
enum ElasticCombination {
    case replace
    case add
    case subtract
}

extension BondRows.Run {
    /// Writes the elastic forces of the run.
    @inline(__always)
    func computeForces(
        _ displacement: UnsafePointer<Double>, into forces: UnsafeMutablePointer<Double>, stiffness: Double,
        neighborStiffness: Double, _ combination: ElasticCombination
    ) {
        @inline(__always)
        func compute(neighborCount: Int) {
            switch combination {
            case .replace:
                forEach(displacement, forces, stiffness, neighborStiffness, neighborCount: neighborCount) {
                    0 - $1
                } lanes: {
                    0 - $1
                }
            case .add:
                forEach(displacement, forces, stiffness, neighborStiffness, neighborCount: neighborCount) {
                    $0 - $1
                } lanes: {
                    $0 - $1
                }
            case .subtract:
                forEach(displacement, forces, stiffness, neighborStiffness, neighborCount: neighborCount) {
                    $0 + $1
                } lanes: {
                    $0 + $1
                }
            }
        }
        // A known number of neighbours makes straight code.
        switch neighbors.count {
        case 4: compute(neighborCount: 4)
        case 6: compute(neighborCount: 6)
        default: compute(neighborCount: neighbors.count)
        }
    }

    private typealias Lanes = SIMD8<Double>

    /// Puts what the closures make of the number that is there and −F in its place.
    @inline(__always)
    private func forEach(
        _ displacement: UnsafePointer<Double>, _ forces: UnsafeMutablePointer<Double>, _ stiffness: Double,
        _ neighborStiffness: Double, neighborCount: Int, _ combine: (Double, Double) -> Double, lanes: (Lanes, Lanes) -> Lanes
    ) {
        @inline(__always)
        func load(_ pointer: UnsafePointer<Double>) -> Lanes { UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self) }
        let (target, own) = (forces + site, displacement + site)
        var k = 0
        while step == 1, k + Lanes.scalarCount <= count {
            var sum = Lanes.zero
            for n in 0..<neighborCount { sum += load(displacement + (neighbors[n] &+ k)) }
            let elastic = stiffness * load(own + k) + neighborStiffness * sum
            UnsafeMutableRawPointer(target + k).storeBytes(of: lanes(load(target + k), elastic), as: Lanes.self)
            k += Lanes.scalarCount
        }
        while k < count {
            let place = k &* step
            var sum = 0.0
            for n in 0..<neighborCount { sum += displacement[neighbors[n] &+ place] }
            target[place] = combine(target[place], stiffness * own[place] + neighborStiffness * sum)
            k += 1
        }
    }
}
