import Lattices

extension SiteField {
    /// f̄ = (1/N) Σ f, over sites and components, summed in site order.
    public var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// (1/N) Σ f², over sites and components, summed in site order.
    public var meanSquare: Double { values.reduce(0) { $0 + $1 * $1 } / Double(values.count) }

    /// The staggered order parameter φ = (1/N) Σ_i s_i f_i of a scalar field, s_i = (−1)^{x+y} on the square lattice.
    ///
    /// Positive and negative φ are the two equivalent charge-density waves; |φ| measures the order. Of a density, φ has the
    /// mean removed by the signs themselves.
    ///
    /// - Parameter signs: `Supercell.sublatticeSigns()`, of the same number of sites.
    public func staggeredMean(signs: [Double]) -> Double {
        precondition(signs.count == values.count, "a scalar field, a sign a site")
        return zip(values, signs).reduce(0) { $0 + $1.0 * $1.1 } / Double(values.count)
    }

    /// The staggered order parameter; nil if the supercell has no two sublattices (an odd side of the square lattice).
    public var staggeredOrderParameter: Double? { supercell.sublatticeSigns().map { staggeredMean(signs: $0) } }
}
