extension CostEstimate.Stage {
    /// All quenches of `[coarsening]`, one after the other.
    ///
    /// - Parameters:
    ///   - recipe: with that table.
    ///   - quench: the cost of `simulate` for a recipe.
    static func coarsen(_ recipe: Recipe, quench: (Recipe) throws -> CostEstimate.Stage) rethrows -> CostEstimate.Stage {
        guard let settings = recipe.coarsening else { preconditionFailure("a recipe with the table [coarsening]") }
        let parts = try settings.sizes.indices.map { lattice in
            (count: settings.quenches(onLattice: lattice), cost: try quench(recipe.quench(1, onLattice: lattice)))
        }
        return CostEstimate.Stage(
            stage: "coarsen", work: parts.map { "\($0.count) times \($0.cost.work)" }.joined(separator: ", "),
            seconds: parts.reduce(0) { $0 + Double($1.count) * $1.cost.seconds }, bytes: parts.map(\.cost.bytes).max() ?? 0)
    }
}
