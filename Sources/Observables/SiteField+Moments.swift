import Communication
import Lattices

extension SiteField {
    /// f̄ = (1/N) Σ f, over sites and components, rows summed one by one and added pairwise.
    public var mean: Double { sums().mean }

    /// (1/N) Σ f², over sites and components, rows summed one by one and added pairwise.
    public var meanSquare: Double { sums().meanSquare }

    /// The staggered order parameter φ = (1/N) Σ_i s_i f_i of a scalar field, s_i = (−1)^{x+y} on the square lattice; nil if the
    /// supercell has no two sublattices (an odd side of the square lattice).
    ///
    /// Positive and negative φ are the two equivalent charge-density waves; |φ| measures the order. Of a density, φ has the
    /// mean removed by the signs themselves.
    public var staggeredOrderParameter: Double? {
        precondition(kind == .scalar, "a scalar field")
        return SublatticeSigns(supercell).map { sums($0).staggeredMean }
    }

    private func sums(_ signs: SublatticeSigns? = nil) -> FieldSums.Values {
        let sums = FieldSums(
            RowSlabs(whole: supercell, kind: kind), componentCount: componentCount, signs: signs,
            pool: nil)
        return values.withUnsafeBufferPointer { sums.values($0) }
    }
}
