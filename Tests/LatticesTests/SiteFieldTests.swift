import Lattices
import Testing

@Suite struct SiteFieldTests {
    @Test func translationMovesWholeCells() throws {
        let supercell = try Supercell(SampleLattices.square, size: [5, 3])
        let field = SampleLattices.randomField(supercell, components: .vector, seed: 40)
        let moved = field.translated(by: [2, -1])
        for y in 0..<3 {
            for x in 0..<5 {
                let (from, to) = (supercell.site(cell: [x, y]), supercell.site(cell: [x + 2, y - 1]))
                #expect(moved.values[2 * to] == field.values[2 * from])
                #expect(moved.values[2 * to + 1] == field.values[2 * from + 1])
            }
        }
        #expect(moved.translated(by: [-2, 1]) == field)
    }

    /// The representation property: transforming by h, then by g, is transforming by g∘h, for scalars and vectors.
    @Test func transformationsCompose() throws {
        for lattice in SampleLattices.all {
            let group = PointGroup(of: lattice)
            let supercell = try Supercell(lattice, size: [Int](repeating: 4, count: lattice.dimension))
            for components in SiteComponents.allCases {
                let field = SampleLattices.randomField(supercell, components: components, seed: 41)
                #expect(field.transformed(by: group.operations[0]) == field)
                for g in stride(from: 0, to: group.order, by: 3) {
                    for h in stride(from: 0, to: group.order, by: 2) {
                        let twice = field.transformed(by: group.operations[h]).transformed(by: group.operations[g])
                        let once = field.transformed(by: group.operations[group.product[g][h]])
                        #expect(largestDifference(twice.values, once.values) < 1e-14)
                    }
                }
            }
        }
    }

    /// Bonds go to bonds: the sum over neighbours commutes with every operation.
    @Test func operationsKeepNeighbors() throws {
        for lattice in SampleLattices.all {
            let supercell = try Supercell(lattice, size: [Int](repeating: 5, count: lattice.dimension))
            let table = supercell.neighborTable()
            func sum(_ field: SiteField) -> SiteField {
                SiteField(supercell, values: (0..<supercell.siteCount).map { i in table.reduce(0) { $0 + field[Int($1[i])] } })
            }
            let field = SampleLattices.randomField(supercell, seed: 42)
            for operation in PointGroup(of: lattice).operations {
                let difference = largestDifference(
                    sum(field.transformed(by: operation)).values, sum(field).transformed(by: operation).values)
                #expect(difference < 1e-13)
            }
        }
    }

    @Test func firstNonFiniteSite() throws {
        let supercell = try Supercell(SampleLattices.square, size: [4, 4])
        var field = SiteField(supercell, components: .vector)
        #expect(field.firstNonFiniteSite == nil)
        field.values[2 * 6 + 1] = .infinity
        field.values[2 * 9] = .nan
        #expect(field.firstNonFiniteSite == 6)
    }
}
