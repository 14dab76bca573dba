extension ScalarObservable {
    /// φ = (1/N) Σ (−1)^{x+y} Q_i.
    public static let orderParameter = ScalarObservable(
        name: "order_parameter", summary: "staggered displacement φ"
    ) { $0.displacement.orderParameter }

    /// (1/N) Σ (−1)^{x+y} n_i.
    public static let densityOrderParameter = ScalarObservable(
        name: "density_order_parameter", summary: "staggered density"
    ) { $0.density?.orderParameter }

    /// S(π, π) of the displacement.
    public static let structureFactor = ScalarObservable(
        name: "structure_factor", summary: "displacement structure factor S(π, π)"
    ) { $0.orderingValue(of: $0.displacement) }

    /// S(π, π) of the density.
    public static let densityStructureFactor = ScalarObservable(
        name: "density_structure_factor", summary: "density structure factor S(π, π)"
    ) { $0.density.flatMap($0.orderingValue(of:)) }

    /// L from the first moment of S(q): ``StructureFactor/domainLength(cutoff:)``.
    public static let domainLength = ScalarObservable(
        name: "domain_length", summary: "domain length L from the first moment of S(q)"
    ) { $0.domainLength }

    /// L from the half height of C(r): ``CorrelationFunction/halfHeightLength``.
    public static let correlationLength = ScalarObservable(
        name: "correlation_length", summary: "domain length from the half height of C(r)"
    ) { $0.correlationLength }
}
