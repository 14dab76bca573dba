import Lattices
import Testing

@Suite struct IrrepTests {
    @Test func names() {
        let expected = [
            ["A1", "A2", "B1", "B2", "E"], ["A1", "A2", "B1", "B2"], ["A1", "A2", "B1", "B2", "E1", "E2"], ["A1", "A2", "E"],
            ["A1", "A2"], ["A1g", "A2g", "A1u", "A2u", "Eg", "Eu", "T1g", "T2g", "T1u", "T2u"],
        ]
        for (lattice, names) in zip(SampleLattices.all, expected) {
            #expect(PointGroup(of: lattice).irreps().map(\.name) == names, "\(lattice.name)")
        }
    }

    /// C4v as in every table: B1 is even under the mirrors of the axes (x² − y²), B2 under those of the diagonals (xy).
    @Test func charactersOfTheSquare() {
        let group = PointGroup(of: SampleLattices.square)
        let irreps = group.irreps()
        for (g, operation) in group.operations.enumerated() {
            let m = operation.matrix
            let sign = m[0][0] * m[1][1] - m[0][1] * m[1][0]
            let axial = m[0][0] * m[0][0] - m[0][1] * m[0][1]
            let expected = [1, sign, axial, sign * axial, m[0][0] + m[1][1]]
            #expect(largestDifference(irreps.map { $0.characters[g] }, expected) < 1e-12)
        }
    }

    @Test(arguments: [0, 2, 3, 5])
    func vectorsKeepTheirComponents(index: Int) {
        let group = PointGroup(of: SampleLattices.all[index])
        #expect(group.irreps().contains { $0.matrices == group.operations.map(\.matrix) })
    }

    @Test func areOrthogonalHomomorphisms() {
        for lattice in SampleLattices.all {
            let group = PointGroup(of: lattice)
            let irreps = group.irreps()
            #expect(irreps[0].matrices.allSatisfy { abs($0[0][0] - 1) < 1e-12 })
            // Every irrep of these groups is real, so the dimensions squared fill the group.
            #expect(irreps.reduce(0) { $0 + $1.dimension * $1.dimension } == group.order)
            for (a, first) in irreps.enumerated() {
                for (b, second) in irreps.enumerated() {
                    let overlap = zip(first.characters, second.characters).reduce(0) { $0 + $1.0 * $1.1 } / Double(group.order)
                    #expect(abs(overlap - (a == b ? 1 : 0)) < 1e-12)
                }
                for g in 0..<group.order {
                    for h in 0..<group.order {
                        let both = product(first.matrices[g], first.matrices[h])
                        #expect(largestDifference(both.joined(), first.matrices[group.product[g][h]].joined()) < 1e-12)
                    }
                    let inverse = first.matrices[group.inverse(of: g)]
                    for i in inverse.indices {
                        for j in inverse.indices { #expect(abs(inverse[i][j] - first.matrices[g][j][i]) < 1e-12) }
                    }
                }
            }
        }
    }
}
