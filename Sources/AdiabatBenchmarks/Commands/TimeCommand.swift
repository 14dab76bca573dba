import ArgumentParser

/// `time`: which benchmarks, with how many threads, for how long.
struct TimeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Time the parts that decide how long a run takes.",
        discussion: """
            Every case is warmed up and then repeated for a while on one thread and on all of them. The time of the median \
            and of the best repetition are printed; rates are those of the best, which other programs have disturbed least. \
            GFLOP/s count what the documentation of each benchmark says, as a share of what this machine reaches with matrix \
            products.

            Benchmarks:
            \(Benchmark.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
            """)

    @Argument(help: ArgumentHelp("Benchmarks to run (default: all).", valueName: "name"))
    var names: [String] = []

    @OptionGroup var machine: MachineOptions

    @Option(
        name: .customLong("recipe"), parsing: .singleValue,
        help: ArgumentHelp(
            "A recipe whose network is timed; may be given several times. The first one's electrons serve the others.",
            valueName: "file"))
    var recipes = ["runs/fan-chern-2026.toml", "runs/quickstart.toml"]

    @Option(
        name: .customLong("architecture"), parsing: .singleValue,
        help: ArgumentHelp("An architecture to be timed in place of the recipes' networks.", valueName: "file"))
    var architectures: [String] = []

    @Option(
        name: .customLong("model"), parsing: .singleValue,
        help: ArgumentHelp("A model file to be timed in place of the recipes' networks.", valueName: "file"))
    var models: [String] = []

    func validate() throws {
        let known = Benchmark.all.map(\.name)
        if let name = names.first(where: { !known.contains($0) }) {
            throw ValidationError("No benchmark '\(name)'; allowed: \(known.joined(separator: ", ")).")
        }
        guard !recipes.isEmpty else { throw ValidationError("At least one --recipe is needed.") }
    }

    func run() throws {
        let recipes = try recipes.map(BenchmarkRecipe.init)
        let chosen =
            try architectures.map { try BenchmarkModel(Architecture($0), basedOn: recipes[0]) }
            + models.map(BenchmarkModel.init(contentsOf:))
        let session = BenchmarkSession(
            threads: machine.threads, seconds: machine.seconds, recipes: recipes,
            models: try chosen.isEmpty ? recipes.map(BenchmarkModel.init) : chosen, output: BenchmarkOutput(json: machine.json))
        for benchmark in Benchmark.all where names.isEmpty || names.contains(benchmark.name) {
            try session.run(benchmark)
        }
    }
}
