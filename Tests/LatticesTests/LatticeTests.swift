import Lattices
import Testing

@Suite struct LatticeTests {
    struct Mistake: Sendable {
        var vectors: [[Double]] = [[1, 0], [0, 1]]
        var basis: [[Double]] = [[0, 0]]
        var bonds: [Lattice.Bond] = []
        let message: String
    }

    private static let bond = Lattice.Bond(from: 0, to: 0, cell: [1, 0])

    private static let mistakes = [
        Mistake(vectors: [], message: "primitive_vectors: 0 vectors; one, two or three are allowed"),
        Mistake(
            vectors: [[1, 0], [0]],
            message: "primitive_vectors[1]: [0.0]; 2 components of magnitude up to 1000 are needed"),
        Mistake(
            vectors: [[1, .nan], [0, 1]],
            message: "primitive_vectors[0]: [1.0, nan]; 2 components of magnitude up to 1000 are needed"),
        Mistake(vectors: [[1, 2], [2, 4]], message: "primitive_vectors: the vectors are linearly dependent"),
        Mistake(basis: [], message: "basis: empty; at least one site is needed"),
        Mistake(
            basis: [[0, 0], [.infinity, 0]],
            message: "basis[1]: [inf, 0.0]; 2 components of magnitude up to 64 are needed"),
        Mistake(bonds: [.init(from: 0, to: 1, cell: [1, 0])], message: "bonds[0]: sites 0 and 1; 0…0 are allowed"),
        Mistake(bonds: [.init(from: 0, to: 0, cell: [1])], message: "bonds[0].cell: [1]; 2 integers up to 64 are needed"),
        Mistake(
            bonds: [.init(from: 0, to: 0, cell: [.min, 0])],
            message: "bonds[0].cell: [-9223372036854775808, 0]; 2 integers up to 64 are needed"),
        Mistake(bonds: [.init(from: 0, to: 0, cell: [0, 0])], message: "bonds[0]: joins a site to itself"),
        Mistake(
            bonds: [bond, bond.reversed], message: "bonds[1]: the same bond as bonds[0]; every bond is listed once"),
    ]

    @Test(arguments: mistakes)
    func mistakesAreNamed(mistake: Mistake) {
        let error = #expect(throws: LatticeError.self) {
            try Lattice(name: "wrong", primitiveVectors: mistake.vectors, basis: mistake.basis, bonds: mistake.bonds)
        }
        #expect(error?.description == mistake.message)
    }

    @Test func positionsAreCartesian() {
        let position = SampleLattices.honeycomb.position(cell: [1, 0], site: 1)
        #expect(largestDifference(position, [2.5, 3.0.squareRoot() / 2]) < 1e-14)
    }

    @Test func everySiteHasItsNeighbors() {
        let coordination = zip(SampleLattices.all, [4, 4, 6, 3, 2, 6])
        for (lattice, neighbors) in coordination {
            for site in lattice.basis.indices {
                let bonds = lattice.directedBonds(from: site)
                #expect(bonds.count == neighbors)
                // The bonds of a site all have the same length, and none is listed twice.
                if lattice.name == "rectangular" { continue }
                for bond in bonds {
                    let start = lattice.position(cell: bond.cell.map { _ in 0 }, site: site)
                    let end = lattice.position(cell: bond.cell, site: bond.to)
                    #expect(abs(zip(start, end).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } - 1) < 1e-12)
                }
            }
        }
    }
}
