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
        Mistake(
            bonds: [bond, .init(from: 0, to: 0, cell: [-1, 0], shell: 2)],
            message: "bonds[1]: the same bond as bonds[0]; every bond is listed once"),
        Mistake(
            bonds: [.init(from: 0, to: 0, cell: [1, 0], shell: 0)], message: "bonds[0].shell: 0; 1 to 64 is allowed"),
        Mistake(
            bonds: [bond, .init(from: 0, to: 0, cell: [0, 1], shell: 65)], message: "bonds[1].shell: 65; 1 to 64 is allowed"),
        Mistake(
            bonds: [.init(from: 0, to: 0, cell: [0, 1], shell: 3), bond],
            message: "bonds[0].shell: 3, but no bond has shell 2; shells are numbered without gaps"),
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

    /// Bonds a cell of the shells of distance, half of a site's neighbours times its sites: the classics.
    @Test func numbersOfBondsByShell() throws {
        for (lattice, numbers) in [
            (SampleLattices.chain, [1, 1, 1, 1]), (SampleLattices.square, [2, 2, 2, 4, 2, 2, 4]),
            (SampleLattices.triangular, [3, 3, 3, 6, 3, 3, 6]), (SampleLattices.honeycomb, [3, 6, 3, 6, 6, 6]),
            (SampleLattices.kagome, [6, 6, 9, 12]), (SampleLattices.cubic, [3, 6, 4, 3, 12, 12, 6]),
        ] {
            for count in 1...numbers.count {
                let all = try lattice.withShells(count)
                #expect(all.shellCount == count && all.bonds.prefix(lattice.bonds.count) == lattice.bonds[...])
                #expect(all.bonds.map(\.shell) == all.bonds.map(\.shell).sorted())
                #expect((1...count).map { shell in all.bonds.count { $0.shell == shell } } == Array(numbers[..<count]))
                // What is there already is not looked for.
                #expect(try all.withShells(1) == all && all == lattice.withShells(max(1, count - 1)).withShells(count))
            }
        }
    }

    /// Each shell is every pair of sites at its distance, here counted over the cells of a box.
    @Test func shellsAreAllPairsAtADistance() throws {
        for lattice in SampleLattices.all + [SampleLattices.kagome] {
            let shells = 4
            let all = try lattice.withShells(shells)
            let cells = integers(-4...4, axes: lattice.dimension)
            func length(_ bond: Lattice.Bond) -> Double {
                let start = lattice.position(cell: bond.cell.map { _ in 0 }, site: bond.from)
                return zip(start, lattice.position(cell: bond.cell, site: bond.to)).reduce(0) {
                    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                }.squareRoot()
            }
            for site in lattice.basis.indices {
                let lengths = lattice.basis.indices.flatMap { other in
                    cells.map { length(Lattice.Bond(from: site, to: other, cell: $0)) }
                }
                var last = lattice.bonds.map(length).max()!
                for shell in 2...shells {
                    let ends = all.directedBonds(from: site).filter { $0.shell == shell }
                    let distance = lengths.filter { $0 > last + 1e-9 }.min()!
                    #expect(ends.allSatisfy { abs(length($0) - distance) < 1e-12 }, "\(lattice.name)")
                    #expect(ends.count == lengths.count { abs($0 - distance) < 1e-9 }, "\(lattice.name)")
                    last = distance
                }
            }
        }
    }

    /// The second shells that make_model_cases.py of the fixtures lists, in the order in which it does.
    @Test func secondShellsOfTheFixtures() throws {
        #expect(try SampleLattices.chain.withShells(2).bonds.dropFirst() == [.init(from: 0, to: 0, cell: [2], shell: 2)])
        #expect(
            try SampleLattices.square.withShells(2).bonds.dropFirst(2) == [
                .init(from: 0, to: 0, cell: [1, 1], shell: 2), .init(from: 0, to: 0, cell: [1, -1], shell: 2),
            ])
    }

    /// Numbers given by the file come first; a lattice without bonds has its nearest neighbours as the first shell.
    @Test func shellsGoOnFromThoseOfTheFile() throws {
        func square(_ bonds: [Lattice.Bond]) throws -> Lattice {
            try Lattice(name: "square", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]], bonds: bonds)
        }
        let striped = try square([.init(from: 0, to: 0, cell: [0, 1], shell: 2), .init(from: 0, to: 0, cell: [1, 0])])
        #expect(striped.shellCount == 2)
        #expect(
            try striped.withShells(3).bonds.suffix(2) == [
                .init(from: 0, to: 0, cell: [1, 1], shell: 3), .init(from: 0, to: 0, cell: [1, -1], shell: 3),
            ])
        #expect(try square([]).shellCount == 0)
        #expect(try square([]).withShells(2).bonds == SampleLattices.square.withShells(2).bonds)
    }

    /// z_1 = 4 and z_2 = 4 ends a site on kagome, and a site that has more of the second shell than others.
    @Test func sumsOverBondEnds() throws {
        for lattice in SampleLattices.all { #expect(lattice.largestSum(byShell: [0.3]) == Double(lattice.mostNeighbors) * 0.3) }
        #expect(try SampleLattices.kagome.withShells(3).largestSum(byShell: [2, 0.5]) == 10)
        let chain = try Lattice(
            name: "dimers", primitiveVectors: [[1]], basis: [[0], [0.5]],
            bonds: [.init(from: 0, to: 1, cell: [0]), .init(from: 0, to: 0, cell: [1], shell: 2)])
        #expect(chain.largestSum(byShell: [1, 2]) == 5 && chain.largestSum(byShell: []) == 0)
    }

    @Test func shellsThatReachTooFar() throws {
        for (lattice, count) in [(SampleLattices.square, 0), (SampleLattices.square, 65)] {
            let error = #expect(throws: LatticeError.self) { try lattice.withShells(count) }
            #expect(error?.description == "shells: \(count); 1 to 64 is allowed")
        }
        #expect(try SampleLattices.chain.withShells(64).bonds.last?.cell == [64])
        let long = try Lattice(
            name: "long", primitiveVectors: [[1, 0], [0, 100]], basis: [[0, 0]], bonds: [.init(from: 0, to: 0, cell: [0, 1])])
        // Neighbours in the next row, until those 101 cells away in the same one come.
        #expect(try long.withShells(15).bonds.last?.cell == [14, -1])
        let error = #expect(throws: LatticeError.self) { try long.withShells(64) }
        #expect(error?.description == "shells: 64; reach over too many cells of the long lattice")
    }
}
