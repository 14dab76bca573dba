import LatticeNumerics

extension ModelRecipe {
    /// The recipe with options of a solver as the command line gives them, and none left open.
    ///
    /// - Parameters:
    ///   - values: keys of the solver's table, and TOML, in place of what the recipe says.
    ///   - path: the recipe file. All its tables are read if an `accuracy` is given, which takes the hot start.
    /// - Throws: ``RecipeError`` for a wrong key or value, and what the solvers throw.
    public func choosing(_ solver: SolverName, _ values: [(key: String, value: String)], path: String, pool: WorkerPool) throws
        -> ModelRecipe
    {
        var chosen = self
        if !values.isEmpty { try chosen.solvers.set(solver, values) }
        if solver.options.needsTemperature, model.temperature == 0 {
            throw RecipeError(
                file: path, key: "model.temperature", problem: "0.0 is not allowed with \(solver.rawValue); above 0 is")
        }
        guard chosen.solvers[solver].isOpen else { return chosen }
        var whole = try Recipe(contentsOf: path)
        whole.solvers = chosen.solvers
        chosen.solvers = try whole.resolvingAccuracy(of: [solver], pool: pool).solvers
        return chosen
    }

    /// The options of a solver: keys of its table, and TOML.
    public func options(of solver: SolverName) -> [(key: String, value: String)] { solvers.entries(of: solver) }

    /// How the options of a solver were found; nil if they were given.
    public func choice(of solver: SolverName) -> AccuracyChoice? { solvers[solver].choice }
}
