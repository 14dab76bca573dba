import Communication
import Lattices

extension SiteField {
    /// ``ObservedField/mean``, rows summed one by one and added pairwise.
    public var mean: Double { observed().mean }

    /// ``ObservedField/meanSquare``, rows summed one by one and added pairwise.
    public var meanSquare: Double { observed().meanSquare }

    /// The staggered order parameter φ = (1/N) Σ_i s_i f_i, of several components its length, s_i = (−1)^{x+y} on the square lattice; nil if the
    /// supercell has no two sublattices (an odd side of the square lattice).
    ///
    /// Positive and negative φ are the two equivalent charge-density waves; |φ| measures the order. Of a density, φ has the
    /// mean removed by the signs themselves.
    public var staggeredOrderParameter: Double? {
        SublatticeSigns(supercell).flatMap { observed($0).orderParameter }
    }

    private func observed(_ signs: SublatticeSigns? = nil) -> ObservedField {
        let slabs = RowSlabs(whole: supercell, kind: kind)
        return ObservedField(self, slabs, FieldSums(slabs, signs: signs, pool: nil))
    }
}
