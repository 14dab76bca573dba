import Lattices

/// The Fourier transform over a point group: a function u on the group's operations against its irreps,
///
///     û_{ρ,a,b} = √(d/|G|) Σ_g D_ρ(g)_{ab} u(g)
///
/// Under (L(h)u)(g) = u(h⁻¹g) the index a transforms as a component of ρ, and b counts its d copies. The transform is
/// orthogonal (Serre, *Linear Representations of Finite Groups*, §2.2 and §6.2).
///
/// A field of C regular channels is a field with C·d channels of each irrep of dimension d, channel b·C + c copy b of regular
/// channel c. Its rows, [row][channel c][site] with `row` of ``channels``, form a matrix of |G| rows of C·sites columns, so
/// the transform of all channels is one product with ``matrix``.
package struct RegularRepresentation: Sendable, Equatable {
    /// |G|, the number of operations.
    package let order: Int
    /// The channels of one regular channel: d copies of each irrep of dimension d.
    let channels: IrrepChannels
    /// Orthogonal, row-major [operation][row of ``channels``].
    package let matrix: [Double]

    /// Nil if the group has irreps of complex type (groups without mirrors and twofold axes), whose copies real matrices do
    /// not tell apart.
    package init?(_ irreps: [Irrep]) {
        let order = irreps[0].matrices.count
        let dimensions = irreps.map(\.dimension)
        guard dimensions.reduce(0, { $0 + $1 * $1 }) == order else { return nil }
        let channels = IrrepChannels(multiplicities: dimensions, dimensions: dimensions)
        var matrix = [Double](repeating: 0, count: order * order)
        for g in 0..<order {
            for (r, irrep) in irreps.enumerated() {
                let d = irrep.dimension
                for a in 0..<d {
                    for b in 0..<d {
                        matrix[g * order + channels.row(r, a) + b] =
                            (Double(d) / Double(order)).squareRoot() * irrep.matrices[g][a][b]
                    }
                }
            }
        }
        self.order = order
        self.channels = channels
        self.matrix = matrix
    }

    /// The column of ``matrix`` that is component `component` of copy `copy` of an irrep.
    package func column(_ irrep: Int, _ component: Int, _ copy: Int) -> Int { channels.row(irrep, component) + copy }
}
