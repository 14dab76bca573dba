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
        // So does a shell of its own for the bonds along y, a rectangle again: C2v in place of C4v.
        let numbered = try Lattice(
            name: "numbered", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
            bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1], shell: 2)])
        #expect(PointGroup(of: numbered).operations.allSatisfy { $0.matrix == $0.matrix.diagonal })
        #expect(PointGroup(of: numbered).order == 4)
        // A skewed choice of primitive vectors describes the same lattice.
        let skewed = try Lattice(
            name: "skewed", primitiveVectors: [[1, 0], [1, 1]], basis: [[0, 0]],
            bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [-1, 1])])
        #expect(PointGroup(of: skewed).operations.map(\.matrix) == PointGroup(of: SampleLattices.square).operations.map(\.matrix))
    }

    /// Shells of distance are as symmetric as the lattice, also where its file is rounded.
    @Test func furtherShellsKeepTheSymmetry() throws {
        let rounded = try Lattice(
            name: "rounded", primitiveVectors: [[1, 0], [0.5, 0.8660254]], basis: [[0, 0]], bonds: SampleLattices.triangular.bonds
        )
        for lattice in SampleLattices.all + [SampleLattices.kagome, rounded] {
            #expect(try PointGroup(of: lattice.withShells(8)) == PointGroup(of: lattice), "\(lattice.name)")
        }
    }

    /// Their products are the whole group, and they have the names that people give them.
    @Test func generators() throws {
        let oblique = try Lattice(
            name: "rhombic", primitiveVectors: [[1, 0.3], [0.3, 1]], basis: [[0, 0]],
            bonds: [.init(from: 0, to: 0, cell: [1, 1])])
        for (lattice, names) in zip(
            SampleLattices.all + [oblique],
            [
                ["rotation by 90°", "mirror y → −y"], ["rotation by 180°", "mirror y → −y"],
                ["rotation by 60°", "mirror y → −y"],
                ["rotation by 120°", "mirror y → −y"], ["mirror x → −x"],
                ["rotation by 90° about z", "rotation by 90° about x", "mirror z → −z"],
                ["rotation by 180°", "mirror of normal [1 −1]"],
            ])
        {
            let group = PointGroup(of: lattice)
            let found = group.generators.map { group.operations[$0].name.replacing("about −x", with: "about x") }
            #expect(
                found.first == names.first && found.count == names.count && found.allSatisfy { names.contains($0) }, "\(found)")
            var reached: Set = [0]
            for _ in 0..<group.order {
                reached.formUnion(reached.flatMap { g in group.generators.map { group.product[g][$0] } })
            }
            #expect(reached.count == group.order)
        }
        #expect(PointGroup(of: SampleLattices.cubic).operations.map(\.name).contains("rotation by 120° about [1 1 1]"))
        #expect(PointGroup(of: SampleLattices.cubic).operations.map(\.name).contains("inversion"))
        #expect(PointGroup(of: SampleLattices.chain).operations.map(\.name) == ["identity", "mirror x → −x"])
    }

    /// Every operation is one of the representatives times one of the subgroup, once.
    @Test func cosets() {
        for lattice in SampleLattices.all {
            let group = PointGroup(of: lattice)
            for subgroup in [
                group, group.subgroup { $0 == group.operations[0] }, group.subgroup { $0.matrix == $0.matrix.diagonal },
            ] {
                let index = { (operation: PointGroup.Operation) in group.operations.firstIndex(of: operation)! }
                let representatives = group.cosets(of: subgroup)
                let products = representatives.flatMap { g in
                    subgroup.operations.map { group.product[index(g)][index($0)] }
                }
                #expect(representatives[0] == group.operations[0])
                #expect(products.count == group.order && Set(products).count == group.order)
            }
        }
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

extension [[Double]] {
    /// The matrix without what is beside its diagonal.
    fileprivate var diagonal: [[Double]] {
        indices.map { row in self[row].indices.map { $0 == row ? self[row][row] : 0 } }
    }
}
