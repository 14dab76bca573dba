import Foundation
import LatticeNumerics
import Lattices

/// Lattices written out by hand, each as its file would say.
enum SampleLattices {
    static let square = make("square", [[1, 0], [0, 1]], bonds: [(0, 0, [1, 0]), (0, 0, [0, 1])])
    static let rectangular = make("rectangular", [[1, 0], [0, 1.3]], bonds: [(0, 0, [1, 0]), (0, 0, [0, 1])])
    static let triangular = make(
        "triangular", [[1, 0], [0.5, 3.0.squareRoot() / 2]], bonds: [(0, 0, [1, 0]), (0, 0, [0, 1]), (0, 0, [-1, 1])])
    static let honeycomb = make(
        "honeycomb", [[1.5, 3.0.squareRoot() / 2], [1.5, -(3.0.squareRoot()) / 2]], basis: [[0, 0], [1.0 / 3, 1.0 / 3]],
        bonds: [(0, 1, [0, 0]), (0, 1, [-1, 0]), (0, 1, [0, -1])])
    static let kagome = make(
        "kagome", [[2, 0], [1, 3.0.squareRoot()]], basis: [[0, 0], [0.5, 0], [0, 0.5]],
        bonds: [
            (0, 1, [0, 0]), (0, 2, [0, 0]), (1, 2, [0, 0]), (1, 0, [1, 0]), (2, 0, [0, 1]), (1, 2, [1, -1]),
        ])
    static let chain = make("chain", [[1]], bonds: [(0, 0, [1])])
    static let cubic = make(
        "cubic", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], bonds: [(0, 0, [1, 0, 0]), (0, 0, [0, 1, 0]), (0, 0, [0, 0, 1])])

    static let all = [square, rectangular, triangular, honeycomb, chain, cubic]
    /// Those with one site a cell, which networks support.
    static let primitive = [square, rectangular, triangular, chain, cubic]

    /// A variable of each kind, irreps of up to three dimensions among them.
    static func kinds(of lattice: Lattice) -> [SiteVariable.Kind] {
        [.scalar, .polarVector, .axialVector, .spin, .irreps(PointGroup(of: lattice).irreps().map(\.name).suffix(2).reversed())]
    }

    static func randomField(_ supercell: Supercell, kind: SiteVariable.Kind = .scalar, seed: UInt64) -> SiteField {
        let count = supercell.siteCount * kind.count(in: supercell.lattice)
        return SiteField(
            supercell, kind: kind, values: RandomStream(seed: seed, purpose: .testing).normals(count: count, step: 0))
    }

    private static func make(
        _ name: String, _ vectors: [[Double]], basis: [[Double]]? = nil, bonds: [(Int, Int, [Int])]
    ) -> Lattice {
        let origin = [[Double](repeating: 0, count: vectors.count)]
        let listed = bonds.map { Lattice.Bond(from: $0.0, to: $0.1, cell: $0.2) }
        do {
            return try Lattice(name: name, primitiveVectors: vectors, basis: basis ?? origin, bonds: listed)
        } catch {
            preconditionFailure("\(name): \(error)")
        }
    }
}

/// The largest |a − b|.
func largestDifference(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// All vectors of integers in a range.
func integers(_ range: ClosedRange<Int>, axes: Int) -> [[Int]] {
    (0..<axes).reduce([[]]) { heads, _ in heads.flatMap { head in range.map { head + [$0] } } }
}

func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { row in b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } } }
}

func product(_ a: [[Double]], _ x: [Double]) -> [Double] {
    a.map { row in zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
}
