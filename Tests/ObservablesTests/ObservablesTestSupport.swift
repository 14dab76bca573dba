import LatticeNumerics
import Lattices

func supercell(_ lattice: Lattice, _ size: Int...) -> Supercell { try! Supercell(lattice, size: size) }

let square = lattice("square", [[1, 0], [0, 1]], bonds: [[1, 0], [0, 1]])
let chain = lattice("chain", [[1]], bonds: [[1]])
let cubic = lattice("cubic", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], bonds: [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
let triangular = lattice("triangular", [[1, 0], [0.5, 0.75.squareRoot()]], bonds: [[1, 0], [0, 1], [-1, 1]])
/// Two square lattices that do not touch: signs have no simple form.
let diagonal = lattice("diagonal", [[1, 0], [0, 1]], bonds: [[1, 1], [1, -1]])
/// Chains that do not touch.
let rows = lattice("rows", [[1, 0], [0, 1]], bonds: [[1, 0]])
/// Bonds that reach farther, and keep the two sublattices.
let farther = lattice("farther", [[1, 0], [0, 1]], bonds: [[1, 0], [0, 1], [2, 1]])
/// Two sites a cell, in a bipartite lattice that is not a honeycomb lattice.
let brickwork = try! Lattice(
    name: "brickwork", primitiveVectors: [[2, 0], [0, 1]], basis: [[0, 0], [0.5, 0]],
    bonds: [
        Lattice.Bond(from: 0, to: 1, cell: [0, 0]), Lattice.Bond(from: 1, to: 0, cell: [1, 0]),
        Lattice.Bond(from: 0, to: 0, cell: [0, 1]), Lattice.Bond(from: 1, to: 1, cell: [0, 1]),
    ])
let honeycomb = try! Lattice(
    name: "honeycomb", primitiveVectors: [[1.5, 0.75.squareRoot()], [1.5, -0.75.squareRoot()]],
    basis: [[0, 0], [1.0 / 3, 1.0 / 3]],
    bonds: [[0, 0], [-1, 0], [0, -1]].map { Lattice.Bond(from: 0, to: 1, cell: $0) })

private func lattice(_ name: String, _ vectors: [[Double]], bonds: [[Int]]) -> Lattice {
    try! Lattice(
        name: name, primitiveVectors: vectors, basis: [vectors.map { _ in 0 }],
        bonds: bonds.map { Lattice.Bond(from: 0, to: 0, cell: $0) })
}

/// Independent normal numbers about `mean`.
func randomField(_ supercell: Supercell, seed: UInt64 = 1, mean: Double = 0) -> SiteField {
    let normals = RandomStream(seed: seed, purpose: .testing).normals(count: supercell.siteCount, step: 0)
    return SiteField(supercell, values: normals.map { mean + $0 })
}

/// The field (−1)^{x+y} g(x, y).
func staggered(_ supercell: Supercell, _ envelope: (Double, Double) -> Double) -> SiteField {
    var field = SiteField(supercell)
    for site in 0..<supercell.siteCount {
        let cell = supercell.cell(of: site)
        field[site] = (cell.reduce(0, +) % 2 == 0 ? 1 : -1) * envelope(Double(cell[0]), Double(cell[1]))
    }
    return field
}
