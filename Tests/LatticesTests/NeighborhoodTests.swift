import Lattices
import Testing

@Suite struct NeighborhoodTests {
    /// The 45 sites, the shells and the multiplicities 9/3/6/5/11 of Fan & Chern, arXiv:2601.04104.
    @Test func publishedNeighborhood() throws {
        let group = PointGroup(of: SampleLattices.square)
        let neighborhood = try Neighborhood(SampleLattices.square, group: group, radiusSquared: 13)
        // By distance, then y, then x, as in make_efnn_reference.py.
        func key(_ offset: [Int]) -> [Int] { [offset[0] * offset[0] + offset[1] * offset[1], offset[1], offset[0]] }
        let cells: [[Int]] = (-4...4).flatMap { y in (-4...4).map { x in [x, y] } }
        let expected = cells.filter { key($0)[0] <= 13 }.sorted { key($0).lexicographicallyPrecedes(key($1)) }
        #expect(neighborhood.offsets.count == 45)
        #expect(neighborhood.offsets == expected)
        #expect(neighborhood.offsets.prefix(6) == [[0, 0], [0, -1], [-1, 0], [1, 0], [0, 1], [-1, -1]])
        #expect(neighborhood.shells.map(\.count) == [1, 4, 4, 4, 8, 4, 4, 8, 8])
        #expect(neighborhood.reach == 3)
        #expect(group.irreps().map { neighborhood.basis(of: $0).count } == [9, 3, 6, 5, 11])
    }

    /// All copies of all irreps together are an orthonormal basis of the neighbourhood's values.
    @Test(arguments: 0..<5)
    func basesAreCompleteAndOrthonormal(kind: Int) throws {
        for lattice in SampleLattices.primitive {
            let kind = SampleLattices.kinds(of: lattice)[kind]
            let group = PointGroup(of: lattice)
            let neighborhood = try Neighborhood(
                lattice, group: group, radiusSquared: lattice.dimension == 3 ? 3 : 7, kind: kind)
            let rows = group.irreps().flatMap { neighborhood.basis(of: $0) }.flatMap { $0 }
            #expect(rows.count == neighborhood.valueCount)
            for (a, first) in rows.enumerated() {
                for (b, second) in rows.enumerated() where b <= a {
                    #expect(abs(zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } - (a == b ? 1 : 0)) < 1e-12)
                }
            }
        }
    }

    /// The coefficients around R·r of the transformed field are D(g) times those around r, at every site.
    @Test(arguments: 0..<5)
    func coefficientsAreEquivariant(kind: Int) throws {
        for lattice in SampleLattices.primitive {
            let kind = SampleLattices.kinds(of: lattice)[kind]
            let group = PointGroup(of: lattice)
            let side = lattice.dimension == 3 ? 4 : 7
            let supercell = try Supercell(lattice, size: [Int](repeating: side, count: lattice.dimension))
            let neighborhood = try Neighborhood(
                lattice, group: group, radiusSquared: lattice.dimension == 3 ? 2 : 5, kind: kind)
            let field = SampleLattices.randomField(supercell, kind: kind, seed: 60)
            let count = field.componentCount
            func values(_ field: SiteField, around cell: [Int]) -> [Double] {
                neighborhood.offsets.flatMap { offset in
                    let site = supercell.site(cell: zip(cell, offset).map { $0 + $1 })
                    return Array(field.values[site * count..<(site + 1) * count])
                }
            }
            let irreps = group.irreps()
            let bases = irreps.map { neighborhood.basis(of: $0) }
            for (g, operation) in group.operations.enumerated() {
                let transformed = field.transformed(by: operation)
                for site in stride(from: 0, to: supercell.siteCount, by: 11) {
                    let cell = supercell.cell(of: site)
                    let before = values(field, around: cell)
                    let after = values(transformed, around: operation.image(ofCell: cell).cell)
                    for (irrep, copies) in zip(irreps, bases) {
                        for copy in copies {
                            let expected = product(irrep.matrices[g], product(copy, before))
                            #expect(largestDifference(product(copy, after), expected) < 1e-12)
                        }
                    }
                }
            }
        }
    }

    @Test func limitsAreNamed() throws {
        func message(_ lattice: Lattice, _ radiusSquared: Double) -> String? {
            let error = #expect(throws: LatticeError.self) {
                try Neighborhood(lattice, group: PointGroup(of: lattice), radiusSquared: radiusSquared)
            }
            return error?.description
        }
        #expect(message(SampleLattices.honeycomb, 4) == "basis: 2 sites per cell; this network needs one")
        #expect(message(SampleLattices.square, -1) == "radius_squared: -1.0; 0 to 400 is allowed")
        #expect(message(SampleLattices.square, .nan) == "radius_squared: nan; 0 to 400 is allowed")
        let fine = try Lattice(name: "fine", primitiveVectors: [[0.001, 0], [0, 0.001]], basis: [[0, 0]], bonds: [])
        #expect(message(fine, 400) == "radius_squared: 400.0; reaches over a million cells of this lattice")
    }
}
