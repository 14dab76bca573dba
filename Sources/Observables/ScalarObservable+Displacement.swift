extension ScalarObservable {
    /// (1/N) Σ Q_i.
    public static let meanDisplacement = ScalarObservable(
        name: "mean_displacement", summary: "mean displacement"
    ) { $0.displacement.mean }

    /// (1/N) Σ Q_i².
    public static let meanSquareDisplacement = ScalarObservable(
        name: "mean_square_displacement", summary: "mean square displacement"
    ) { $0.displacement.meanSquare }
}
