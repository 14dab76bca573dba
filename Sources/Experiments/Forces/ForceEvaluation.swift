import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Recipes
import Runs
import Storage

/// Forces and densities on a user's own configurations, from a solver or a trained network.
public struct ForceEvaluation: Sendable {
    /// Where the electronic part of the force comes from.
    public enum Source: Sendable {
        /// A solver of the electrons, with the options of the recipe.
        case solver(SolverName)
        /// An electronic force field, made for a supercell and a pool of threads.
        case forceField(@Sendable (Supercell, WorkerPool) throws -> any ForceField)
        /// A learned force, in Float64.
        case trained(TrainedModel)

        /// The network in a model file, in Float64.
        ///
        /// - Throws: `StorageError` if the file is not a model, and ``ForceEvaluationError/otherElectrons(path:differences:)``
        ///   if the model was trained on other electrons than those of `model`.
        public static func network(contentsOf path: String, for model: AdiabaticModel) throws -> Source {
            let trained = try ModelFile.read(path)
            try trained.requireElectrons(model, path: path)
            return .trained(trained)
        }

        /// Whether it is a solver, which takes lattices with open ends and tells the density itself.
        fileprivate var isSolver: Bool {
            if case .solver = self { return true }
            return false
        }
    }

    /// Arrays of the shape of the input.
    public struct Result: Sendable {
        /// F in units of the hopping per displacement, elastic part included.
        public let forces: NPYArray
        /// n, electrons per site; nil if the force does not determine it.
        public let density: NPYArray?
        /// The expected error σ of F; nil unless it was asked for.
        public let uncertainty: NPYArray?
        /// How far a density may be from the exact one, the largest of all configurations as the solver estimates it; nil if
        /// it does not.
        public let errorEstimate: Double?
        /// How blocks of the force are laid; empty if it has none.
        public let tilingFacts: [StageSummary.Fact]
        /// Wall time divided by the number of configurations.
        public let secondsPerConfiguration: Double
    }

    private let recipe: ModelRecipe
    private let source: Source
    private let tiling: BlockTiling?

    /// An evaluation with the elastic part of `recipe` and the electronic part of `source`.
    ///
    /// - Parameter tiling: how blocks of a trained network are laid; as the recipe of its training says if nil. Sampled blocks are
    ///   averaged over.
    public init(_ recipe: ModelRecipe, source: Source, tiling: BlockTiling? = nil) {
        self.recipe = recipe
        self.source = source
        self.tiling = tiling
    }

    /// Checks an array of configurations without evaluating it.
    ///
    /// - Parameter needsUncertainty: whether σ is asked for, which only a learned force gives.
    /// - Throws: `StorageError` for a wrong shape or numbers that are not finite, ``ForceEvaluationError``.
    public func validate(_ input: NPYArray, needsUncertainty: Bool = false) throws {
        if tiling != nil, case .trained(let model) = source, !model.hasBlocks { throw ForceEvaluationError.noBlocks }
        let (supercell, _) = try layout(of: input)
        try recipe.model.onsiteEnergies?.validate(on: supercell.size, of: input.path)
        try input.validateFinite()
        guard needsUncertainty else { return }
        guard case .trained(let model) = source else { throw ForceEvaluationError.noUncertainty }
        try model.requireUncertainty(on: supercell)
    }

    /// The forces on one configuration, of shape `SiteField.shape`, or on several, (configurations, …); of a scalar on the square
    /// lattice (Ly, Lx) or (configurations, Ly, Lx). The density has no axis of components.
    ///
    /// - Parameters:
    ///   - needsDensity: whether a density that cannot be found is an error. A network gives it by n = F/g + ½ with the
    ///     electronic force F, if g ≠ 0.
    ///   - needsUncertainty: whether σ is asked for, which only a learned force gives.
    /// - Throws: `StorageError` for an array of the wrong shape or with numbers that are not finite, ``ForceEvaluationError``,
    ///   ``WorkflowInterrupted``, and what the solver throws.
    public func evaluate(
        _ input: NPYArray, needsDensity: Bool, needsUncertainty: Bool = false, threads: Int, progress: any ProgressReporter,
        interruption: Interruption
    ) throws -> Result {
        try validate(input, needsUncertainty: needsUncertainty)
        let (supercell, count) = try layout(of: input)
        progress.begin(stage: "forces", total: count)
        let kind = recipe.model.variable.kind
        let fields = SiteField.fields(on: supercell, kind: kind, of: input.values)
        let sites = input.shape.count > fields[0].shape.count ? [count] : []
        if let surroundings = surroundings(on: supercell) { progress.warning(surroundings.text) }
        let start = ContinuousClock.now
        let pool = WorkerPool(threads: threads)
        let results: [Evaluated]
        var learned: UncertainForces?
        var tilingFacts: [StageSummary.Fact] = []
        switch source {
        case .solver(let name):
            tilingFacts = name.solver(recipe.model, settings: recipe.solvers).tilingFacts(on: supercell.lattice)
            results = try solve(fields, with: name, pool: pool, progress, interruption)
        case .forceField(let make): results = try infer(fields, with: make(supercell, pool), needsDensity, progress, interruption)
        case .trained(let model):
            let forces = UncertainForces(
                model, on: supercell, singlePrecision: false, tiling: try tiling ?? model.tiling(path: "the learned force"),
                pool: pool)
            let field = try forces.field(for: recipe.model)
            tilingFacts = field.tilingFacts(on: supercell.lattice)
            results = try infer(fields, with: field, needsDensity, progress, interruption)
            learned = forces
        }
        let densities = results.compactMap(\.density)
        let uncertainty = try learned.flatMap { learned in
            try needsUncertainty ? fields.flatMap { try learned.uncertainty(at: $0, for: recipe.model).values } : nil
        }
        progress.end(summary: "\(count) configurations of \(supercell.siteCount) sites")
        return Result(
            forces: NPYArray(shape: input.shape, values: results.flatMap(\.forces.values)),
            density: densities.count < count
                ? nil : NPYArray(shape: sites + supercell.shape, values: densities.flatMap(\.values)),
            uncertainty: uncertainty.map { NPYArray(shape: input.shape, values: $0) },
            errorEstimate: results.compactMap(\.error).max(), tilingFacts: tilingFacts,
            secondsPerConfiguration: (ContinuousClock.now - start).inSeconds / Double(count))
    }

    /// The supercell that follows from the axes of the array, and the number of configurations.
    private func layout(of input: NPYArray) throws -> (Supercell, Int) {
        if !source.isSolver, recipe.periodic.contains(false) {
            throw ForceEvaluationError.openEnds(periodic: recipe.periodic)
        }
        let lattice = recipe.lattice
        let kind = recipe.model.variable.kind
        let names = SiteField.axes(of: lattice, kind: kind)
        let axes = names.joined(separator: ", ")
        func refused(_ problem: String) -> StorageError {
            let shape = "(" + input.shape.map(String.init).joined(separator: ", ") + ")"
            return StorageError(
                .wrongShape, path: input.path,
                problem: "has shape \(shape)\(problem); "
                    + "(configurations, \(axes)) and (\(axes)) are allowed on the \(lattice.name) lattice")
        }
        guard !input.values.isEmpty else { throw refused(", which holds no configuration") }
        do {
            let shape = input.shape.count == names.count + 1 ? Array(input.shape.dropFirst()) : input.shape
            let supercell = try SiteField.supercell(lattice, kind: kind, shape: shape, periodic: recipe.periodic)
            if case .solver(let name) = source, let limit = name.maximumSites, supercell.siteCount > limit {
                throw StorageError(
                    .wrongShape, path: input.path,
                    problem: "has \(supercell.siteCount) sites; \(name.words) takes at most \(limit)")
            }
            return (supercell, input.values.count / shape.reduce(1, *))
        } catch let error as LatticeError {
            throw refused(error.key == "shape" ? "" : ", of which \(error)")
        }
    }

    /// The surroundings that a force sees, if they wrap around the lattice.
    private func surroundings(on supercell: Supercell) -> Surroundings? {
        switch source {
        case .solver(let name):
            let solver = name.solver(recipe.model, settings: recipe.solvers)
            return Surroundings(of: name.rawValue, reach: solver.surroundings(on: supercell.lattice), on: supercell)
        case .trained(let model): return Surroundings(of: "the learned force", reach: model.model.receptiveField, on: supercell)
        case .forceField: return nil
        }
    }

    private typealias Evaluated = (forces: SiteField, density: SiteField?, error: Double?)

    /// One configuration a thread, or with few configurations one after the other on all threads.
    private func solve(
        _ fields: [SiteField], with name: SolverName, pool: WorkerPool, _ progress: any ProgressReporter,
        _ interruption: Interruption
    ) throws -> [Evaluated] {
        let share = ThreadShare(pieces: fields.count, solver: name, pool: pool)
        let solver = name.solver(recipe.model, settings: recipe.solvers, pool: share.solution)
        let results = Collected<Evaluated>(count: fields.count)
        try share.pieces.tryForEach(count: fields.count) { index, _ in
            try interruption.check()
            let solution = try solver.solution(at: fields[index])
            let done = results.set((solution.force, solution.density, solution.state.errorEstimate), at: index)
            progress.update(done: done, detail: "")
        }
        return results.values
    }

    /// One configuration after the other, each on all threads.
    private func infer(
        _ fields: [SiteField], with electrons: any ForceField, _ needsDensity: Bool, _ progress: any ProgressReporter,
        _ interruption: Interruption
    ) throws -> [Evaluated] {
        let model = recipe.model
        let densities = (electrons as? any SolvedElectrons)?.densities
        if needsDensity, (model.onsiteForce?.factor ?? 0) == 0, densities == nil {
            throw ForceEvaluationError.densityWithoutCoupling
        }
        return try fields.enumerated().map { index, field in
            try interruption.check()
            let electronic = try electrons.forces(at: field)
            var forces = try model.classicalPart(on: field.supercell).forces(at: field)
            for k in forces.values.indices { forces.values[k] += electronic.values[k] }
            progress.update(done: index + 1, detail: "")
            let density =
                try model.density(fromElectronicForce: electronic)
                ?? densities?.forces(at: field)
            return (forces, density, nil)
        }
    }
}
