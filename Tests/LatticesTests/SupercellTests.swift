import Lattices
import Testing

@Suite struct SupercellTests {
    @Test func sizesThatMakeNoSenseAreNamed() {
        for (size, message) in [
            ([3], "size: [3]; the square lattice needs 2 sides"),
            ([0, 3], "size: [0, 3]; every side is at least 1, and 2³¹ sites at most are allowed"),
            ([3, -1], "size: [3, -1]; every side is at least 1, and 2³¹ sites at most are allowed"),
            ([1 << 20, 1 << 20], "size: [1048576, 1048576]; every side is at least 1, and 2³¹ sites at most are allowed"),
        ] {
            let error = #expect(throws: LatticeError.self) { try Supercell(SampleLattices.square, size: size) }
            #expect(error?.description == message)
        }
    }

    @Test func sitesAreRowMajorAndWrap() throws {
        let supercell = try Supercell(SampleLattices.square, size: [5, 3])
        #expect(supercell.siteCount == 15)
        #expect(supercell.site(cell: [2, 1]) == 7)
        #expect(supercell.cell(of: 7) == [2, 1])
        #expect(supercell.site(cell: [-1, -1]) == 14)
        #expect(supercell.site(cell: [12, -5]) == supercell.site(cell: [2, 1]))
        for lattice in SampleLattices.all {
            let supercell = try Supercell(lattice, size: Array([3, 4, 5].prefix(lattice.dimension)))
            for site in 0..<supercell.siteCount {
                #expect(supercell.site(cell: supercell.cell(of: site), basis: site % lattice.basis.count) == site)
            }
        }
    }

    /// Neighbours come in the documented rows; with side 2 one site stands in two rows, with side 1 a site neighbours itself.
    @Test func neighborsOnShortAndOddSides() throws {
        let odd = try Supercell(SampleLattices.square, size: [5, 3]).neighborTable()
        #expect(odd.map { $0[0] } == [1, 5, 4, 10])
        let two = try Supercell(SampleLattices.square, size: [2, 3]).neighborTable()
        #expect(two.map { $0[0] } == [1, 2, 1, 4])
        let one = try Supercell(SampleLattices.square, size: [1, 3]).neighborTable()
        #expect(one.map { $0[0] } == [0, 1, 0, 2])
    }

    /// The pairs and the table count the same bonds: adjacency matrices agree, also where bonds are doubled.
    @Test(arguments: [1, 2, 3, 4])
    func bondPairsAgreeWithNeighbors(side: Int) throws {
        for lattice in SampleLattices.all {
            let supercell = try Supercell(lattice, size: Array([side, 3, 2].prefix(lattice.dimension)))
            let count = supercell.siteCount
            var fromPairs = [Int](repeating: 0, count: count * count)
            var fromTable = fromPairs
            for (from, to) in supercell.bondPairs() {
                fromPairs[from * count + to] += 1
                fromPairs[to * count + from] += 1
            }
            for row in supercell.neighborTable() {
                for (site, other) in row.enumerated() where other >= 0 { fromTable[site * count + Int(other)] += 1 }
            }
            #expect(fromPairs == fromTable)
            #expect(supercell.bondPairs().count == supercell.cellCount * lattice.bonds.count)
        }
    }

    @Test func sublattices() throws {
        func signs(_ lattice: Lattice, _ size: [Int]) throws -> [Double]? { try Supercell(lattice, size: size).sublatticeSigns() }
        #expect(try signs(SampleLattices.square, [4, 2]) == [1, -1, 1, -1, -1, 1, -1, 1])
        #expect(try signs(SampleLattices.square, [5, 4]) == nil)
        #expect(try signs(SampleLattices.square, [4, 3]) == nil)
        #expect(try signs(SampleLattices.square, [1, 4]) == nil)
        #expect(try signs(SampleLattices.triangular, [4, 4]) == nil)
        #expect(try signs(SampleLattices.chain, [3]) == nil)
        #expect(try signs(SampleLattices.chain, [4]) == [1, -1, 1, -1])
        // Honeycomb is bipartite by its basis, whatever the sides.
        #expect(try signs(SampleLattices.honeycomb, [3, 5]) == (0..<30).map { $0 % 2 == 0 ? 1 : -1 })
        let cubic = try Supercell(SampleLattices.cubic, size: [4, 2, 6])
        #expect(cubic.sublatticeSigns() == (0..<48).map { cubic.cell(of: $0).reduce(0, +) % 2 == 0 ? 1 : -1 })
    }
}
