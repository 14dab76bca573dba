import Lattices
import LearnedForces
import Testing

/// Convolutions as maps between representations: complete, orthonormal and equivariant, on every lattice with one site a cell.
@Suite struct ConvolutionAlgebraTests {
    static let lattices: [(Lattice, radiusSquared: Double)] = [
        (ConvolutionSamples.square, 5), (ConvolutionSamples.triangular, 3),
        (ConvolutionSamples.chain, 4),
        (ConvolutionSamples.cubic, 2),
    ]

    @Test(arguments: lattices) func combinationsTransformWithTheirIrrep(
        _ lattice: Lattice, radiusSquared: Double
    ) throws {
        let group = PointGroup(of: lattice)
        let irreps = group.irreps()
        let neighborhood = try Neighborhood(lattice, group: group, radiusSquared: radiusSquared)
        let one = irreps.map { _ in 1 }
        let shape = ConvolutionShape(neighborhood, irreps: irreps, inputs: one, outputs: one)
        for (output, copies) in shape.copies.enumerated() {
            for input in irreps.indices {
                // The times an irrep occurs follows from the characters.
                let expected = group.operations.indices.reduce(0.0) { sum, g in
                    let fixed = neighborhood.permutations[g].enumerated().count { $0 == $1 }
                    return sum + Double(fixed) * irreps[input].characters[g] * irreps[output].characters[g]
                }
                #expect(
                    copies.count { $0.input == input } == Int((expected / Double(group.order)).rounded()))
            }
            for copy in copies {
                let dense = copy.rows.map { terms in
                    var vector = [Double](
                        repeating: 0, count: neighborhood.offsets.count * irreps[copy.input].dimension)
                    for term in terms {
                        vector[term.offset * irreps[copy.input].dimension + term.component] = term.coefficient
                    }
                    return vector
                }
                for g in group.operations.indices {
                    for (c, vector) in dense.enumerated() {
                        let moved = transformed(vector, by: g, irreps[copy.input], neighborhood)
                        for k in moved.indices {
                            let expected = dense.indices.reduce(0) {
                                $0 + irreps[output].matrices[g][$1][c] * dense[$1][k]
                            }
                            #expect(abs(moved[k] - expected) < 1e-13)
                        }
                    }
                }
                for other in copies where other.input == copy.input {
                    let overlap = copy.rows[0].reduce(0.0) { sum, term in
                        sum
                            + other.rows[0].reduce(0.0) {
                                $1.offset == term.offset && $1.component == term.component
                                    ? $0 + $1.coefficient * term.coefficient : $0
                            }
                    }
                    #expect(abs(overlap - (other == copy ? 1 : 0)) < 1e-13)
                }
            }
        }
    }

    /// M(g) on a feature of one irrep at every point of a neighbourhood.
    private func transformed(
        _ vector: [Double], by g: Int, _ irrep: Irrep, _ neighborhood: Neighborhood
    ) -> [Double] {
        let d = irrep.dimension
        var result = vector
        for point in neighborhood.offsets.indices {
            for a in 0..<d {
                result[neighborhood.permutations[g][point] * d + a] = (0..<d).reduce(0) {
                    $0 + irrep.matrices[g][a][$1] * vector[point * d + $1]
                }
            }
        }
        return result
    }

    /// Between regular fields there are as many weights as a plain group convolution has, |G|·|offsets| a pair of channels.
    @Test(arguments: lattices) func regularFieldsHaveTheWeightsOfAGroupConvolution(
        _ lattice: Lattice, radiusSquared: Double
    ) throws {
        let group = PointGroup(of: lattice)
        let irreps = group.irreps()
        let regular = try #require(RegularRepresentation(irreps))
        let neighborhood = try Neighborhood(lattice, group: group, radiusSquared: min(radiusSquared, 2))
        let shape = ConvolutionShape(
            neighborhood, irreps: irreps, inputs: irreps.map(\.dimension),
            outputs: irreps.map(\.dimension))
        #expect(shape.weightCount == group.order * neighborhood.offsets.count)

        // The transform is orthogonal and turns left multiplication into the matrices of the irreps.
        let n = regular.order
        for i in 0..<n {
            for j in 0..<n {
                let product = (0..<n).reduce(0) {
                    $0 + regular.matrix[i * n + $1] * regular.matrix[j * n + $1]
                }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-13)
            }
        }
        for h in 0..<n {
            for (r, irrep) in irreps.enumerated() {
                for a in 0..<irrep.dimension {
                    for b in 0..<irrep.dimension {
                        for g in 0..<n {
                            // û of the function 1 at g, moved by h, is that of the function 1 at hg.
                            let moved = regular.matrix[group.product[h][g] * n + regular.column(r, a, b)]
                            let expected = (0..<irrep.dimension).reduce(0) {
                                $0 + irrep.matrices[h][a][$1] * regular.matrix[g * n + regular.column(r, $1, b)]
                            }
                            #expect(abs(moved - expected) < 1e-13)
                        }
                    }
                }
            }
        }
    }

    /// At most all the features of a shell, two components at each of four sites; 12/64 of the products of the plain form.
    @Test func combinationsOfTheSquareLatticeAreSparse() throws {
        let group = PointGroup(of: ConvolutionSamples.square)
        let irreps = group.irreps()
        let neighborhood = try Neighborhood(ConvolutionSamples.square, group: group, radiusSquared: 2)
        let eight = irreps.map { 8 * $0.dimension }
        let shape = ConvolutionShape(neighborhood, irreps: irreps, inputs: eight, outputs: eight)
        #expect(shape.copies.joined().allSatisfy { $0.rows.allSatisfy { $0.count <= 8 } })
        let products = irreps.indices.reduce(0) {
            $0 + irreps[$1].dimension * eight[$1] * shape.weightColumns($1)
        }
        #expect(products == 64 * 64 * 9 * 12 / 64)
    }
}
