/// The couplings of two irreps into a third: tensors C with Σ_{ab} C[c][a][b] u_a v_b transforming as irrep `result`.
///
/// Each tensor is scaled so that its largest entry is ±1, and signed so that the first entry of the last component c that
/// does not vanish is positive. For C4v this gives E⊗E → A1: xx + yy, A2: xy − yx, B1: xx − yy, B2: xy + yx and
/// A2⊗E → E: (−ay, ax), B1⊗E → E: (−bx, by), as in Fan & Chern, arXiv:2601.04104.
public struct ClebschGordan: Sendable, Equatable {
    /// tensors[coupling][c][a][b]; empty if the product does not contain the result.
    public let tensors: [[[[Double]]]]

    /// The coupling of two irreps of a group to a third one of the same group.
    public init(_ left: Irrep, _ right: Irrep, to result: Irrep) {
        let order = left.matrices.count
        let (m, n, p) = (result.dimension, left.dimension, right.dimension)
        let multiplicity = Int(
            ((0..<order).reduce(0) { $0 + left.characters[$1] * right.characters[$1] * result.characters[$1] } / Double(order))
                .rounded())
        // The projection of the unit tensor at (c, a, b) on the invariant ones:
        // (1/|G|) Σ_g D_result(g)_{·c} D_left(g)_{·a} D_right(g)_{·b}.
        func projection(_ c: Int, _ a: Int, _ b: Int) -> [Double] {
            var tensor = [Double](repeating: 0, count: m * n * p)
            for g in 0..<order {
                for i in 0..<m {
                    for j in 0..<n {
                        for k in 0..<p {
                            tensor[(i * n + j) * p + k] +=
                                result.matrices[g][i][c] * left.matrices[g][j][a] * right.matrices[g][k][b] / Double(order)
                        }
                    }
                }
            }
            return tensor
        }
        var orthogonal: [[Double]] = []
        search: for c in (0..<m).reversed() {
            for a in 0..<n {
                for b in 0..<p {
                    if orthogonal.count == multiplicity { break search }
                    if let next = orthogonalised(projection(c, a, b), to: orthogonal) { orthogonal.append(next) }
                }
            }
        }
        tensors = orthogonal.map { tensor in
            let largest = tensor.map(abs).max()!
            var sign = 0.0
            for c in (0..<m).reversed() where sign == 0 {
                let entries = tensor[c * n * p..<(c + 1) * n * p]
                if let first = entries.first(where: { abs($0) > 1e-9 * largest }) { sign = first < 0 ? -1 : 1 }
            }
            func entry(_ c: Int, _ a: Int, _ b: Int) -> Double {
                let value = tensor[(c * n + a) * p + b] * sign / largest
                return abs(value - value.rounded()) < 1e-12 ? value.rounded() : value
            }
            return (0..<m).map { c in (0..<n).map { a in (0..<p).map { b in entry(c, a, b) } } }
        }
    }
}

/// The part of `vector` orthogonal to the orthonormal `basis`, normalised; nil if there is none.
func orthogonalised(_ vector: [Double], to basis: [[Double]]) -> [Double]? {
    var rest = vector
    for direction in basis {
        let overlap = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
        rest = zip(rest, direction).map { $0 - overlap * $1 }
    }
    let norm = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 1e-9 ? rest.map { $0 / norm } : nil
}
