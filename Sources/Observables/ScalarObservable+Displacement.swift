extension ScalarObservable {
    /// (1/N) Σ Q_i; of several components the length of that vector.
    public static let meanDisplacement = ScalarObservable(
        name: "mean_displacement", summary: "mean displacement"
    ) { $0.displacement.mean }

    /// (1/N) Σ |Q_i|².
    ///
    /// Not what is called a mean square displacement in diffusion, ⟨(Q(t) − Q(0))²⟩.
    public static let displacementMeanSquare = ScalarObservable(
        name: "displacement_mean_square", summary: "mean square ⟨Q²⟩ of the displacement"
    ) { $0.displacement.meanSquare }
}
