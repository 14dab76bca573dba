import ArgumentParser
import Experiments
import LatticeNumerics
import Reports

/// `pareto`: the map of error against cost, of solvers and of learned models.
struct ParetoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pareto",
        abstract: "Train architectures on the same data for the same time, and place them on the map of error against cost.",
        discussion: """
            For every recipe: makes its exact data, trains every architecture, and measures the errors on quenches that no \
            model has seen and the time of a force on 200² sites, also of all solvers. Data and models are kept in a folder, \
            and what is there is used again. Prints Markdown tables.
            """)

    @Argument(help: ArgumentHelp("Architectures, by the beginning of their names (default: all).", valueName: "name"))
    var names: [String] = []

    @OptionGroup var machine: MachineOptions
    @OptionGroup var study: StudyOptions
    @OptionGroup var drawing: FigureOptions

    @Option(help: ArgumentHelp("The folder of the architectures.", valueName: "folder"))
    var architectures = "Sources/AdiabatBenchmarks/Architectures"

    @Flag(help: "Place the solvers alone.")
    var solversOnly = false

    func run() throws {
        let recipes = try study.recipes.map(BenchmarkRecipe.init)
        let architectures = try solversOnly ? [] : study.architectures(in: architectures, names: names)
        // All of them are read before the first is trained.
        for recipe in recipes { for architecture in architectures { _ = try architecture.recipe(basedOn: recipe.recipe) } }
        let session = BenchmarkSession(
            threads: machine.threads, seconds: machine.seconds, recipes: recipes, output: BenchmarkOutput(json: machine.json))
        let pool = WorkerPool(threads: machine.threads)
        let maps = try recipes.map { recipe in
            let learned = try learned(recipe, architectures, pool)
            StandardError.print("\(recipe.name): exact quenches, and the solvers")
            let quenches = try HeldOutQuenches(recipe.recipe, side: 32, count: 4, pool: pool)
            let candidates = try MapCandidate.exact(recipe.recipe.model) + MapCandidate.local(quenches, pool: pool) + learned
            let map = try ForceMap(candidates, quenches: quenches, session: session) { try recipe.configuration(side: $0) }
            session.state(map)
            return map
        }
        if let figure = drawing.figure { try AccuracyMap(maps).draw(to: figure) }
    }

    private func learned(
        _ recipe: BenchmarkRecipe, _ architectures: [Architecture], _ pool: WorkerPool
    ) throws -> [MapCandidate] {
        guard !architectures.isEmpty else { return [] }
        let folder = study.folder(of: recipe)
        let data = try TrainingData(recipe.recipe, folder: folder, threads: pool.threads)
        let (training, validation) = (data.samples(.training), data.samples(.validation))
        return try architectures.map { architecture in
            StandardError.print("\(recipe.name): training \(architecture.name)")
            let trained = try TrainedArchitecture(
                architecture, recipe: architecture.recipe(basedOn: recipe.recipe), training: training, validation: validation,
                budget: study.budget, folder: folder + "/models", pool: pool)
            StandardError.print("  \(trained.facts.summary)")
            return try .learned(trained, data: data)
        }
    }
}
