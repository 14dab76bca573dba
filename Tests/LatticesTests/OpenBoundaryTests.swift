import Lattices
import Testing

@Suite struct OpenBoundaryTests {
    @Test func aWrongNumberOfDirectionsIsNamed() {
        let error = #expect(throws: LatticeError.self) {
            try Supercell(SampleLattices.square, size: [3, 3], periodic: [false])
        }
        #expect(error?.description == "periodic: [false]; the square lattice has 2 directions")
    }

    @Test func boundariesDistinguishSupercells() throws {
        let closed = try Supercell(SampleLattices.square, size: [3, 4])
        let open = try Supercell(SampleLattices.square, size: [3, 4], periodic: [true, false])
        #expect(closed.periodic == [true, true] && closed.isPeriodic && !open.isPeriodic)
        #expect(closed != open)
        #expect(try closed == Supercell(SampleLattices.square, size: [3, 4], periodic: [true, true]))
        // Arithmetic of indices wraps whatever the bonds do.
        #expect(open.site(cell: [-1, -1]) == closed.site(cell: [-1, -1]))
    }

    /// A rectangle without periodic directions misses the bonds that would leave it; a ribbon misses those of one direction.
    @Test func bondsBeyondAnEndAreMissing() throws {
        let open = try Supercell(SampleLattices.square, size: [3, 2], periodic: [false, false])
        #expect(
            open.neighborTable() == [
                [1, 2, -1, 4, 5, -1], [3, 4, 5, -1, -1, -1], [-1, 0, 1, -1, 3, 4], [-1, -1, -1, 0, 1, 2],
            ])
        #expect(open.bondPairs().map { [$0.0, $0.1] } == [[0, 1], [0, 3], [1, 2], [1, 4], [2, 5], [3, 4], [4, 5]])
        let ribbon = try Supercell(SampleLattices.square, size: [3, 2], periodic: [true, false])
        #expect(ribbon.neighborTable()[0] == [1, 2, 0, 4, 5, 3])
        #expect(ribbon.bondPairs().count == 3 * 2 + 3)
        let single = try Supercell(SampleLattices.chain, size: [1], periodic: [false])
        #expect(single.neighborTable() == [[-1], [-1]] && single.bondPairs().isEmpty)
        // Along a diagonal of the triangular lattice, both directions must stay inside.
        let triangle = try Supercell(SampleLattices.triangular, size: [2, 2], periodic: [false, false])
        #expect(triangle.bondPairs().map { [$0.0, $0.1] } == [[0, 1], [0, 2], [1, 3], [1, 2], [2, 3]])
    }

    /// Open bonds are those of the periodic supercell that cross no end, in the same order.
    @Test(arguments: [1, 2, 3, 4])
    func openBondsAreAPartOfThePeriodicOnes(side: Int) throws {
        for lattice in try SampleLattices.all + [SampleLattices.square.withShells(3)] {
            let size = Array([side, 3, 2].prefix(lattice.dimension))
            for mask in 0..<1 << lattice.dimension {
                let periodic = (0..<lattice.dimension).map { mask >> $0 & 1 == 1 }
                let supercell = try Supercell(lattice, size: size, periodic: periodic)
                var (expected, indices): ([[Int]], [Int]) = ([], [])
                for index in 0..<supercell.cellCount {
                    let origin = supercell.cell(of: index * lattice.basis.count)
                    for (k, bond) in lattice.bonds.enumerated() {
                        let far = zip(origin, bond.cell).map { $0 + $1 }
                        let inside = far.indices.allSatisfy { periodic[$0] || (0..<size[$0]).contains(far[$0]) }
                        guard inside else { continue }
                        expected.append([index * lattice.basis.count + bond.from, supercell.site(cell: far, basis: bond.to)])
                        indices.append(k)
                    }
                }
                #expect(supercell.bondPairs().map { [$0.0, $0.1] } == expected)
                #expect(supercell.bondIndices() == indices)
                let directed = supercell.neighborTable().joined().count { $0 >= 0 }
                #expect(directed == 2 * expected.count)
            }
        }
    }

    /// An odd side frustrates only where it is periodic.
    @Test func oddOpenSidesHaveTwoSublattices() throws {
        func signs(_ lattice: Lattice, _ size: [Int], _ periodic: [Bool]) throws -> [Double]? {
            try Supercell(lattice, size: size, periodic: periodic).sublatticeSigns()
        }
        #expect(try signs(SampleLattices.chain, [3], [false]) == [1, -1, 1])
        #expect(try signs(SampleLattices.square, [3, 3], [false, false]) == [1, -1, 1, -1, 1, -1, 1, -1, 1])
        #expect(try signs(SampleLattices.square, [5, 4], [false, true]) != nil)
        #expect(try signs(SampleLattices.square, [5, 4], [true, false]) == nil)
        #expect(try signs(SampleLattices.square, [5, 3], [false, true]) == nil)
        #expect(try signs(SampleLattices.triangular, [4, 4], [false, false]) == nil)
    }
}
