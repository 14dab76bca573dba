import Lattices

/// A representation of a point group on features that stand at points of space: (permutation of the points) ⊗ (irrep),
///
///     M(g) e_{p,b} = Σ_b' D(g)_{b'b} e_{g(p),b'}
///
/// with e_{p,b} component b of the feature at point p. Index in vectors: p·d + b.
struct PermutedIrrep {
    /// permutations[g][p]: the image of point p under operation g.
    let permutations: [[Int]]
    /// D, the irrep of the feature at each point.
    let irrep: Irrep

    private var dimension: Int { permutations[0].count * irrep.dimension }

    /// Orthonormal combinations of the features that transform with the matrices of `target`, once for each time it occurs.
    ///
    /// - Parameter functions: an orthonormal basis of the functions on a set of points that the group maps onto itself (a shell),
    ///   to which the combinations are confined; unit vectors if nil.
    /// - Returns: `[copy][component of target][p·d + b]`. Of the possible bases one with many zeros in terms of `functions` is
    ///   taken: at each step the combination with the fewest terms.
    ///   Projection operators P_{c1} = (d/|G|) Σ_g D(g)_{c1} M(g): Tinkham, *Group Theory and Quantum Mechanics*, §3-8.
    func copies(of target: Irrep, functions: [[Double]]) -> [[[Double]]] {
        let candidates = functions.flatMap { function in
            (0..<irrep.dimension).map { b in
                let product = (0..<dimension).map { $0 % irrep.dimension == b ? function[$0 / irrep.dimension] : 0 }
                return projected(product, target: target, row: 0)
            }
        }
        var first: [[Double]] = []
        while let next = sparsest(candidates.compactMap({ Self.orthogonalised($0, to: first) }), in: functions) {
            first.append(next)
        }
        return first.map { combination in
            (0..<target.dimension).map { Self.clean(projected(combination, target: target, row: $0)) }
        }
    }

    /// The coefficients of functions ⊗ components in a vector: `[function][b]`.
    func coordinates(of vector: [Double], in functions: [[Double]]) -> [[Double]] {
        functions.map { function in
            (0..<irrep.dimension).map { b in
                let overlap = function.indices.reduce(0) { $0 + function[$1] * vector[$1 * irrep.dimension + b] }
                return abs(overlap) < 1e-12 ? 0 : overlap
            }
        }
    }

    /// P_{row,1} applied to a vector.
    private func projected(_ vector: [Double], target: Irrep, row: Int) -> [Double] {
        let d = irrep.dimension
        var result = [Double](repeating: 0, count: dimension)
        for (g, permutation) in permutations.enumerated() {
            let weight = target.matrices[g][row][0] * Double(target.dimension) / Double(permutations.count)
            guard weight != 0 else { continue }
            for point in permutation.indices {
                for b in 0..<d where vector[point * d + b] != 0 {
                    for b2 in 0..<d {
                        result[permutation[point] * d + b2] += weight * irrep.matrices[g][b2][b] * vector[point * d + b]
                    }
                }
            }
        }
        return result
    }

    /// The first of the vectors with the fewest coordinates.
    private func sparsest(_ vectors: [[Double]], in functions: [[Double]]) -> [Double]? {
        vectors.map { (vector: $0, terms: coordinates(of: $0, in: functions).joined().count { $0 != 0 }) }
            .min { $0.terms < $1.terms }?.vector
    }

    /// The part of `vector` orthogonal to the orthonormal `basis`, normalised; nil if there is none.
    private static func orthogonalised(_ vector: [Double], to basis: [[Double]]) -> [Double]? {
        var rest = vector
        for direction in basis {
            let overlap = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
            for k in rest.indices { rest[k] -= overlap * direction[k] }
        }
        let norm = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm > 1e-6 ? rest.map { $0 / norm } : nil
    }

    /// Entries that are rounding alone made zero.
    private static func clean(_ vector: [Double]) -> [Double] { vector.map { abs($0) < 1e-12 ? 0 : $0 } }
}

extension Irrep {
    /// Whether this is the irrep of invariants.
    var isTrivial: Bool { dimension == 1 && characters.allSatisfy { abs($0 - 1) < 1e-9 } }
}
