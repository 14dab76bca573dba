extension ScalarObservable {
    /// φ = (1/N) Σ s_i Q_i with the sublattice sign s_i, (−1)^{x+y} on the square lattice; of several components the length of that
    /// vector.
    public static let orderParameter = ScalarObservable(
        name: "order_parameter", summary: "staggered displacement φ", requirement: .sublattices
    ) { $0.displacement.orderParameter }

    /// (1/N) Σ s_i n_i.
    public static let densityOrderParameter = ScalarObservable(
        name: "density_order_parameter", summary: "staggered density", requirement: .sublattices
    ) { $0.density?.orderParameter }

    /// S(Q₀) of the displacement, Q₀ = (π, π) on the square lattice.
    public static let structureFactor = ScalarObservable(
        name: "structure_factor", summary: "displacement structure factor S(Q₀)", requirement: .orderingWaveVector
    ) { $0.orderingValue(of: $0.displacement) }

    /// S(Q₀) of the density.
    public static let densityStructureFactor = ScalarObservable(
        name: "density_structure_factor", summary: "density structure factor S(Q₀)", requirement: .orderingWaveVector
    ) { $0.density.flatMap($0.orderingValue(of:)) }

    /// L from the first moment of S(q): ``StructureFactor/domainLength(cutoff:)``. ``DomainLengthRange`` says when it is that of
    /// domains.
    public static let domainLength = ScalarObservable(
        name: "domain_length", summary: "domain length L from the first moment of S(q)", unit: "lattice constant",
        requirement: .orderingWaveVector
    ) { $0.domainLength }

    /// L from the half height of C(r): ``CorrelationFunction/halfHeightLength``. ``DomainLengthRange`` says when it is that of
    /// domains.
    public static let correlationLength = ScalarObservable(
        name: "correlation_length", summary: "domain length from the half height of C(r)", unit: "lattice constant",
        requirement: .orderingWaveVector
    ) { $0.correlationLength }
}
