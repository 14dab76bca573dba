import LatticeNumerics
import Lattices
import Testing

@Suite struct ClebschGordanTests {
    private func apply(_ tensor: [[[Double]]], _ u: [Double], _ v: [Double]) -> [Double] {
        tensor.map { plane in
            plane.indices.reduce(0) { sum, a in sum + plane[a].indices.reduce(0) { $0 + plane[a][$1] * u[a] * v[$1] } }
        }
    }

    /// C(D u, D v) = D C(u, v), as many independent tensors as the characters say, each of largest entry 1.
    @Test func areEquivariant() {
        let stream = RandomStream(seed: 50, purpose: .testing)
        for lattice in SampleLattices.all {
            let group = PointGroup(of: lattice)
            let irreps = group.irreps()
            for left in irreps {
                for right in irreps {
                    var dimensions = 0
                    for result in irreps {
                        let tensors = ClebschGordan(left, right, to: result).tensors
                        dimensions += tensors.count * result.dimension
                        let u = stream.normals(count: left.dimension, step: 0)
                        let v = stream.normals(count: right.dimension, step: 1)
                        for tensor in tensors {
                            #expect(abs(tensor.joined().joined().map(abs).max()! - 1) < 1e-12)
                            let value = apply(tensor, u, v)
                            for g in 0..<group.order {
                                let moved = apply(tensor, product(left.matrices[g], u), product(right.matrices[g], v))
                                #expect(largestDifference(moved, product(result.matrices[g], value)) < 1e-12)
                            }
                        }
                    }
                    #expect(dimensions == left.dimension * right.dimension)
                }
            }
        }
    }

    /// The signs of Fan & Chern, arXiv:2601.04104.
    @Test func conventionsOfTheSquare() {
        let irreps = Dictionary(uniqueKeysWithValues: PointGroup(of: SampleLattices.square).irreps().map { ($0.name, $0) })
        func tensor(_ left: String, _ right: String, _ result: String) -> [[[Double]]] {
            let tensors = ClebschGordan(irreps[left]!, irreps[right]!, to: irreps[result]!).tensors
            #expect(tensors.count == 1)
            return tensors[0]
        }
        #expect(tensor("E", "E", "A1") == [[[1, 0], [0, 1]]])
        #expect(tensor("E", "E", "A2") == [[[0, 1], [-1, 0]]])
        #expect(tensor("E", "E", "B1") == [[[1, 0], [0, -1]]])
        #expect(tensor("E", "E", "B2") == [[[0, 1], [1, 0]]])
        #expect(tensor("A1", "E", "E") == [[[1, 0]], [[0, 1]]])
        #expect(tensor("A2", "E", "E") == [[[0, -1]], [[1, 0]]])
        #expect(tensor("B1", "E", "E") == [[[-1, 0]], [[0, 1]]])
        #expect(tensor("B2", "E", "E") == [[[0, 1]], [[1, 0]]])
        #expect(tensor("B1", "B2", "A2") == [[[1]]])
        #expect(ClebschGordan(irreps["A1"]!, irreps["A2"]!, to: irreps["E"]!).tensors.isEmpty)
    }
}
