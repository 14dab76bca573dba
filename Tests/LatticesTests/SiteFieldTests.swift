import Lattices
import Testing

@Suite struct SiteFieldTests {
    @Test func translationMovesWholeCells() throws {
        let supercell = try Supercell(SampleLattices.square, size: [5, 3])
        let field = SampleLattices.randomField(supercell, kind: .polarVector, seed: 40)
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

    /// The representation property: transforming by h, then by g, is transforming by g∘h, for every kind.
    @Test func transformationsCompose() throws {
        for lattice in SampleLattices.all {
            let group = PointGroup(of: lattice)
            let supercell = try Supercell(lattice, size: [Int](repeating: 4, count: lattice.dimension))
            for kind in SampleLattices.kinds(of: lattice) {
                let field = SampleLattices.randomField(supercell, kind: kind, seed: 41)
                #expect(field.transformed(by: group.operations[0]) == field)
                for g in stride(from: 0, to: group.order, by: 3) {
                    for h in stride(from: 0, to: group.order, by: 2) {
                        let twice = field.transformed(by: group.operations[h]).transformed(by: group.operations[g])
                        let once = field.transformed(by: group.operations[group.product[g][h]])
                        #expect(largestDifference(twice.values, once.values) < 1e-13)
                    }
                }
            }
        }
    }

    /// Of two polar vectors the product is axial, and of one the quadratic forms are irreps: made of the transformed vectors they are the
    /// transformed ones. Mirrors tell polar from axial; a spin moves with its site alone.
    @Test func kindsAreThoseOfPhysics() throws {
        func product(_ v: SiteField, _ w: SiteField) -> SiteField {
            var product = SiteField(v.supercell, kind: .axialVector)
            for i in 0..<v.supercell.siteCount {
                product.values[3 * i + 2] = v.values[2 * i] * w.values[2 * i + 1] - v.values[2 * i + 1] * w.values[2 * i]
            }
            return product
        }
        for (lattice, irreps) in [(SampleLattices.square, ["B1", "B2", "A1"]), (SampleLattices.triangular, ["E2", "A1"])] {
            let (group, kind) = (PointGroup(of: lattice), SiteVariable.Kind.irreps(irreps))
            func forms(_ v: SiteField) -> SiteField {
                var forms = SiteField(v.supercell, kind: kind)
                for i in 0..<v.supercell.siteCount {
                    let (x, y) = (v.values[2 * i], v.values[2 * i + 1])
                    forms.values.replaceSubrange(3 * i..<3 * i + 3, with: [x * x - y * y, 2 * x * y, x * x + y * y])
                }
                return forms
            }
            try kind.validate(on: lattice)
            let supercell = try Supercell(lattice, size: [4, 4])
            let v = SampleLattices.randomField(supercell, kind: .polarVector, seed: 43)
            let w = SampleLattices.randomField(supercell, kind: .polarVector, seed: 44)
            let spins = SampleLattices.randomField(supercell, kind: .spin, seed: 45)
            let moments = SiteField(supercell, kind: .axialVector, values: spins.values)
            var mirrors = 0
            for operation in group.operations {
                let (turned, other) = (v.transformed(by: operation), w.transformed(by: operation))
                let axial = product(v, w).transformed(by: operation)
                #expect(largestDifference(axial.values, product(turned, other).values) < 1e-13, "\(operation.name)")
                let quadratic = forms(v).transformed(by: operation)
                #expect(largestDifference(quadratic.values, forms(turned).values) < 1e-13, "\(operation.name)")
                let isMirror = operation.name.hasPrefix("mirror")
                mirrors += isMirror ? 1 : 0
                let (turnedSpins, turnedMoments) = (spins.transformed(by: operation), moments.transformed(by: operation))
                for site in 0..<supercell.siteCount {
                    let image = operation.image(ofCell: supercell.cell(of: site))
                    let target = supercell.site(cell: image.cell, basis: image.site)
                    #expect(turnedSpins.values[3 * target..<3 * target + 3] == spins.values[3 * site..<3 * site + 3])
                    #expect(turnedMoments.values[3 * target + 2] == (isMirror ? -1 : 1) * spins.values[3 * site + 2])
                }
            }
            #expect(2 * mirrors == group.order)
        }
    }

    @Test func kindsHaveNames() throws {
        let kinds = [SiteVariable.Kind.scalar, .polarVector, .axialVector, .spin, .irreps(["B1", "A1"])]
        for kind in kinds { #expect(SiteVariable.Kind("\(kind)") == kind) }
        #expect(kinds.map(\.description) == ["scalar", "polar vector", "axial vector", "spin", "B1 + A1"])
        #expect(SiteVariable.Kind("vector") == .polarVector && SiteVariable.Kind("tensor") == nil && SiteVariable.Kind("") == nil)
        #expect(kinds.map { $0.count(in: SampleLattices.honeycomb) } == [1, 2, 3, 3, 2])
        try kinds[4].validate(on: SampleLattices.triangular)
        let missing = #expect(throws: LatticeError.self) { try kinds[4].validate(on: SampleLattices.chain) }
        #expect(
            missing?.description
                == "lattice: a site variable that transforms as B1 + A1 is not for the chain lattice, whose irreps are A1, A2")
    }

    /// The order of axes: cells, sites of a cell, components, those of length one left out.
    @Test func shapes() throws {
        for (lattice, kind, shape) in [
            (SampleLattices.square, SiteVariable.Kind.scalar, [3, 4]), (SampleLattices.square, .polarVector, [3, 4, 2]),
            (SampleLattices.honeycomb, .scalar, [3, 4, 2]), (SampleLattices.honeycomb, .spin, [3, 4, 2, 3]),
            (SampleLattices.square, .irreps(["B1"]), [3, 4]),
        ] { #expect(SiteField(try Supercell(lattice, size: [4, 3]), kind: kind).shape == shape) }
        #expect(SiteField(try Supercell(SampleLattices.chain, size: [4]), kind: .polarVector).shape == [4])
        #expect(SiteField(try Supercell(SampleLattices.cubic, size: [4, 3, 2]), kind: .axialVector).shape == [2, 3, 4, 3])
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
        var field = SiteField(supercell, kind: .polarVector)
        #expect(field.firstNonFiniteSite == nil)
        field.values[2 * 6 + 1] = .infinity
        field.values[2 * 9] = .nan
        #expect(field.firstNonFiniteSite == 6)
    }
}
