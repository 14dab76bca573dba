import Lattices
import Testing

@Suite struct PointGroupTests {
    @Test func orders() {
        for (lattice, order) in zip(SampleLattices.all, [8, 4, 12, 6, 2, 48]) {
            #expect(PointGroup(of: lattice).order == order, "\(lattice.name)")
        }
    }

    /// Bonds count: a square array whose bonds run along x alone has the symmetry of a rectangle.
    @Test func bondsLowerTheSymmetry() throws {
        let striped = try Lattice(
            name: "stripes", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]], bonds: [.init(from: 0, to: 0, cell: [1, 0])])
        #expect(PointGroup(of: striped).order == 4)
        // A skewed choice of primitive vectors describes the same lattice.
        let skewed = try Lattice(
            name: "skewed", primitiveVectors: [[1, 0], [1, 1]], basis: [[0, 0]],
            bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [-1, 1])])
        #expect(PointGroup(of: skewed).operations.map(\.matrix) == PointGroup(of: SampleLattices.square).operations.map(\.matrix))
    }

    @Test func groupAxioms() {
        for lattice in SampleLattices.all {
            let group = PointGroup(of: lattice)
            let all = Set(0..<group.order)
            for g in 0..<group.order {
                #expect(group.product[0][g] == g && group.product[g][0] == g)
                #expect(Set(group.product[g]) == all)
                #expect(group.product[g][group.inverse(of: g)] == 0)
                for h in 0..<group.order {
                    let matrix = product(group.operations[g].matrix, group.operations[h].matrix)
                    let difference = largestDifference(
                        matrix.joined(), group.operations[group.product[g][h]].matrix.joined())
                    #expect(difference < 1e-12)
                }
            }
        }
    }

    /// R is orthogonal, and takes a lattice point to the Cartesian position of the cell that is its image.
    @Test func matricesMapTheLattice() {
        for lattice in SampleLattices.all {
            let cell = Array([2, -1, 3].prefix(lattice.dimension))
            let origin = lattice.position(cell: cell.map { _ in 0 })
            for operation in PointGroup(of: lattice).operations {
                let transpose = operation.matrix[0].indices.map { column in operation.matrix.map { $0[column] } }
                let identity = product(transpose, operation.matrix)
                for i in identity.indices {
                    for j in identity.indices { #expect(abs(identity[i][j] - (i == j ? 1 : 0)) < 1e-12) }
                }
                for site in lattice.basis.indices {
                    let image = operation.image(ofCell: cell, site: site)
                    let relative = zip(lattice.position(cell: cell, site: site), origin).map { $0 - $1 }
                    let target = zip(lattice.position(cell: image.cell, site: image.site), origin).map { $0 - $1 }
                    #expect(largestDifference(product(operation.matrix, relative), target) < 1e-12)
                }
            }
        }
    }

    /// Cells that are not reduced, and vectors that a file gives to seven digits, are lattices like others.
    @Test(arguments: [
        ([[1, 0], [10, 1]], 8), ([[1, 0], [-20.5, 0.8660254037844386]], 12), ([[1, 0], [0.5, 0.8660254]], 12),
        ([[1, 0], [0, 1.0000002]], 8), ([[1, 0, 0], [2, 1, 0], [1, 3, 1]], 48),
    ])
    func skewedAndRoundedCells(_ vectors: [[Double]], _ order: Int) throws {
        let lattice = try Lattice(name: "skewed", primitiveVectors: vectors, basis: [vectors.map { _ in 0 }], bonds: [])
        let group = PointGroup(of: lattice)
        #expect(group.order == order)
        for g in group.product.indices {
            #expect(Set(group.product[g]).count == order && group.product[g][group.inverse(of: g)] == 0)
        }
        for radiusSquared in [1.0, 3, 9] {
            let neighborhood = try Neighborhood(lattice, group: group, radiusSquared: radiusSquared)
            for permutation in neighborhood.permutations { #expect(Set(permutation).count == neighborhood.offsets.count) }
            #expect(neighborhood.shells.first == 0..<1 && neighborhood.shells.last?.upperBound == neighborhood.offsets.count)
        }
    }

    @Test func cellsThatAreTooSkewedAreRefused() {
        for vectors in [[[1, 0], [900, 1e-3]], [[1000.0, 0, 0], [0, 1e-2, 0], [0, 0, 1e-2]]] {
            let error = #expect(throws: LatticeError.self) {
                try Lattice(name: "skewed", primitiveVectors: vectors, basis: [vectors.map { _ in 0 }], bonds: [])
            }
            #expect(error?.key == "primitive_vectors")
        }
    }
}
