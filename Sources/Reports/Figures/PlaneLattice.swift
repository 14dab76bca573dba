import Foundation
import Lattices
import Observables

/// Points of a lattice in a plane, each with its place in an array of values: the sites of a plane lattice or of a slice through
/// one in space, the sites of a chain at successive times, or the wave vectors of either.
package struct PlaneLattice {
    /// Cartesian steps from cell to cell.
    package let vectors: [SIMD2<Double>]
    /// Cartesian positions of the points of a cell.
    let basis: [SIMD2<Double>]
    /// Cells along each vector.
    let size: [Int]
    /// Whether the lattice goes on beyond its ends.
    let periodic: [Bool]
    /// Whether both directions of the plane are measured in the same unit.
    var isIsotropic = true
    /// Where the values of the first cell begin.
    var firstValue = 0
    /// Values of a cell, of which the plane shows those at ``members``, one a point of the basis.
    let valuesPerCell: Int
    let members: [Int]

    /// The vectors d_k with v_i·d_k = δ_ik.
    private var duals: (SIMD2<Double>, SIMD2<Double>) {
        let (a, b) = (vectors[0], vectors[1])
        let determinant = a.x * b.y - a.y * b.x
        return (SIMD2(b.y, -b.x) / determinant, SIMD2(-a.y, a.x) / determinant)
    }

    /// Points a unit of area.
    var density: Double { Double(basis.count) / abs(vectors[0].x * vectors[1].y - vectors[0].y * vectors[1].x) }

    /// A point in units of the vectors.
    func fraction(_ point: SIMD2<Double>) -> SIMD2<Double> {
        let duals = duals
        return SIMD2((point * duals.0).sum(), (point * duals.1).sum())
    }

    func position(_ cell: SIMD2<Double>) -> SIMD2<Double> { cell.x * vectors[0] + cell.y * vectors[1] }

    /// The corner of the cell around the points of cell 0, in units of the vectors: the points lie in its middle.
    var corner: SIMD2<Double> {
        let fractions = basis.map(fraction)
        let middle = [0, 1].map { axis in (fractions.map { $0[axis] }.min()! + fractions.map { $0[axis] }.max()!) / 2 }
        return SIMD2(middle[0] - 0.5, middle[1] - 0.5)
    }

    /// The place of a value, wrapped around along periodic directions; −1 beyond open ends.
    func value(cell x: Int, _ y: Int, point: Int) -> Int {
        func wrapped(_ coordinate: Int, _ axis: Int) -> Int {
            if (0..<size[axis]).contains(coordinate) { return coordinate }
            return periodic[axis] ? (coordinate % size[axis] + size[axis]) % size[axis] : -1
        }
        let (column, row) = (wrapped(x, 0), wrapped(y, 1))
        return column < 0 || row < 0 ? -1 : firstValue + (row * size[0] + column) * valuesPerCell + members[point]
    }

    /// The nearest point of each place, by its place among the values: exact for any vectors and any basis.
    ///
    /// - Parameter places: in the parallelogram of the cells that begins at ``corner``, or anywhere in a plane periodic in both
    ///   directions.
    func nearest(to places: [SIMD2<Double>]) -> [Int] {
        let (duals, corner) = (duals, corner)
        let fractions = basis.map(fraction)
        let lengths = vectors.map { ($0 * $0).sum().squareRoot() }
        // In its own cell every place is at least as close as this to one point of the basis.
        func farthest(_ point: SIMD2<Double>, _ axis: Int) -> Double {
            let start = corner[axis] - point[axis]
            return lengths[axis] * max(abs(start), abs(start + 1))
        }
        let reach = fractions.map { farthest($0, 0) + farthest($0, 1) }.min()!
        // A point within reach has coordinates within these bounds; so has every candidate of a basis point.
        let bounds = [duals.0, duals.1].map { reach * ($0 * $0).sum().squareRoot() + 1e-9 }
        return places.map { place in
            var (best, found) = (Double.infinity, -1)
            for point in basis.indices {
                let from = place - basis[point]
                let (x, y) = ((from * duals.0).sum(), (from * duals.1).sum())
                var row = (y - bounds[1]).rounded(.up)
                while row <= y + bounds[1] {
                    var column = (x - bounds[0]).rounded(.up)
                    while column <= x + bounds[0] {
                        let difference = from - column * vectors[0] - row * vectors[1]
                        let distance = (difference * difference).sum()
                        if distance < best {
                            let value = value(cell: Int(column), Int(row), point: point)
                            if value >= 0 { (best, found) = (distance, value) }
                        }
                        column += 1
                    }
                    row += 1
                }
            }
            return found
        }
    }

    /// The corners of the cell of places that are nearer to the origin than to any other point of the lattice of the vectors.
    package static func voronoiCell(_ vectors: [SIMD2<Double>]) -> [SIMD2<Double>] {
        // The shortest vectors of the same lattice (Lagrange and Gauss): their sums and differences bound the cell.
        var (a, b) = (vectors[0], vectors[1])
        while true {
            if (a * a).sum() > (b * b).sum() { swap(&a, &b) }
            let multiple = ((a * b).sum() / (a * a).sum()).rounded()
            if multiple == 0 { break }
            b -= multiple * a
        }
        let far = 2 * ((a * a).sum() + (b * b).sum()).squareRoot()
        var corners = [SIMD2(-far, -far), SIMD2(far, -far), SIMD2(far, far), SIMD2(-far, far)]
        // Of perpendicular vectors the sum only touches the corners: a little farther away it cuts nothing off by rounding.
        let bounds = [(a, 1.0), (b, 1), (a + b, 1 + 1e-9), (a - b, 1 + 1e-9)]
        for (vector, scale) in bounds + bounds.map({ (-$0.0, $0.1) }) {
            let half = scale * (vector * vector).sum() / 2
            corners = corners.indices.flatMap { index -> [SIMD2<Double>] in
                let (start, end) = (corners[index], corners[(index + 1) % corners.count])
                let (before, after) = ((start * vector).sum() - half, (end * vector).sum() - half)
                let kept = before <= 0 ? [start] : []
                return before * after < 0 ? kept + [start + before / (before - after) * (end - start)] : kept
            }
        }
        return corners
    }
}

extension PlaneLattice {
    /// The sites of a plane lattice; of a lattice in space those in the plane of its first two vectors through site 0.
    package init(_ supercell: Supercell) {
        let lattice = supercell.lattice
        precondition(lattice.dimension > 1, "a lattice with a plane")
        let frame = PlaneFrame(lattice.primitiveVectors)
        let heights = lattice.basis.map { $0.count > 2 ? $0[2] : 0 }
        let members = lattice.basis.indices.filter { abs(heights[$0] - heights[0]) < 1e-9 }
        self.init(
            vectors: lattice.primitiveVectors[..<2].map(frame.project),
            basis: members.map { frame.project(lattice.position(cell: lattice.basis[0].map { _ in 0 }, site: $0)) },
            size: Array(supercell.size[..<2]), periodic: Array(supercell.periodic[..<2]), valuesPerCell: lattice.basis.count,
            members: members)
    }

    /// The sites of a chain at times that are `step` apart: one row of values a time.
    package init(chain: Supercell, times: Int, start: Double, step: Double) {
        let lattice = chain.lattice
        self.init(
            vectors: [SIMD2(abs(lattice.primitiveVectors[0][0]), 0), SIMD2(0, step)],
            basis: lattice.basis.map { SIMD2($0[0] * abs(lattice.primitiveVectors[0][0]), start) },
            size: [chain.size[0], times], periodic: [chain.periodic[0], false], isIsotropic: false,
            valuesPerCell: lattice.basis.count, members: Array(lattice.basis.indices))
    }

    /// The wave vectors of a supercell with one site a cell; of one in space those in the plane of the first two reciprocal
    /// vectors through the wave vector with grid coordinates `centre`.
    package init(reciprocal supercell: Supercell, centre: [Int]) {
        let steps = zip(supercell.lattice.dualVectors, supercell.size).map { vector, side in
            vector.map { 2 * Double.pi * $0 / Double(side) }
        }
        let frame = PlaneFrame(steps)
        let layer = centre.count > 2 ? centre[2] : 0
        let offset = steps.count > 2 ? frame.project(steps[2]) * Double(layer) : .zero
        self.init(
            vectors: steps[..<2].map(frame.project), basis: [offset], size: Array(supercell.size[..<2]), periodic: [true, true],
            firstValue: layer * supercell.size[0] * supercell.size[1], valuesPerCell: 1, members: [0])
    }
}

/// Cartesian axes of the plane of two vectors: those of space where the plane is that of x and y, else along the first vector and
/// perpendicular to it.
struct PlaneFrame {
    private let axes: [[Double]]

    /// - Parameter vectors: two at least.
    init(_ vectors: [[Double]]) {
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        func unit(_ a: [Double]) -> [Double] { a.map { $0 / product(a, a).squareRoot() } }
        let dimension = vectors[0].count
        if vectors[..<2].allSatisfy({ $0.dropFirst(2).allSatisfy { abs($0) < 1e-12 } }) {
            axes = [0, 1].map { axis in (0..<dimension).map { $0 == axis ? 1 : 0 } }
        } else {
            let first = unit(vectors[0])
            let along = product(vectors[1], first)
            axes = [first, unit(zip(vectors[1], first).map { $0 - along * $1 })]
        }
    }

    func project(_ vector: [Double]) -> SIMD2<Double> {
        let components = axes.map { axis in zip(axis, vector).reduce(0) { $0 + $1.0 * $1.1 } }
        return SIMD2(components[0], components[1])
    }
}
