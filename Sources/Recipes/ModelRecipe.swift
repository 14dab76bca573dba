import LatticeNumerics
import Lattices
import Models

/// The part of a recipe that forces on given configurations need: the lattice, the model and the options of the solvers.
///
/// The other tables may be there; they are not looked at, and `lattice.size` gives way to the size of the configurations.
public struct ModelRecipe: Sendable, Equatable {
    /// The lattice that `lattice.file` names.
    public let lattice: Lattice
    /// Whether each direction is periodic.
    public let periodic: [Bool]
    /// The parameters of `[model]`.
    public let model: AdiabaticModel
    /// The options of the solvers.
    public internal(set) var solvers = SolverSettings()

    /// Reads `[lattice]`, `[model]` and the tables of the solvers from a recipe file.
    ///
    /// - Throws: ``RecipeError`` for a file that cannot be read, is not TOML, or has something wrong in these tables.
    public init(contentsOf path: String) throws {
        let document = try TOMLDocument(contentsOf: path)
        let settings = try Self.table(.lattice, of: document) {
            try LatticeSettings($0, search: LatticeSearch(recipe: path))
        }
        (lattice, periodic) = (settings.geometry, settings.periodic)
        model = try Self.model(document, on: lattice)
        solvers = try SolverSettings(Recipe.root(of: document))
    }

    /// The same without a file.
    public init(lattice: Lattice, periodic: [Bool]? = nil, model: AdiabaticModel) {
        self.lattice = lattice
        self.periodic = periodic ?? lattice.primitiveVectors.map { _ in true }
        self.model = model
    }

    /// The model alone, from the text of a recipe whose lattice is known otherwise.
    package static func model(_ text: String, file: String, on lattice: Lattice) throws -> AdiabaticModel {
        try model(TOMLDocument(text, file: file), on: lattice)
    }

    private static func model(_ document: TOMLDocument, on lattice: Lattice) throws -> AdiabaticModel {
        try table(.model, of: document) {
            try AdiabaticModel($0, on: lattice, seed: Recipe.seed(Recipe.root(of: document)))
        }
    }

    private static func table<Value>(
        _ section: Recipe.Section, of document: TOMLDocument, _ read: (TableReader) throws -> Value
    ) throws -> Value {
        try read(Recipe.root(of: document).subtable(section.rawValue))
    }
}

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
