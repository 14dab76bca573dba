import ArgumentParser
import Foundation
import Workflows

/// The command: which benchmarks, with how many threads, for how long.
@main
struct AdiabatBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "AdiabatBenchmarks",
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

    @Option(help: ArgumentHelp("Threads of the cases that use several; one a core unless given.", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("How long each case is repeated.", valueName: "seconds"))
    var seconds = 2.0

    @Option(
        name: .customLong("recipe"), parsing: .singleValue,
        help: ArgumentHelp("A recipe whose network is timed; may be given several times.", valueName: "file"))
    var recipes = ["runs/fan-chern-2026.toml", "runs/quickstart.toml"]

    @Option(help: ArgumentHelp("Where 'solvers' draws its map, a name that ends in .svg or .png.", valueName: "file"))
    var figure: String?

    @Flag(help: "Write one JSON object a line: the machine first, then every case.")
    var json = false

    func validate() throws {
        let known = Benchmark.all.map(\.name)
        if let name = names.first(where: { !known.contains($0) }) {
            throw ValidationError("No benchmark '\(name)'; allowed: \(known.joined(separator: ", ")).")
        }
        guard (1...1024).contains(threads) else { throw ValidationError("--threads \(threads) is not allowed; 1 to 1024 is.") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds \(seconds) is not allowed; up to 3600 is.") }
        if let figure, !figure.hasSuffix(".svg"), !figure.hasSuffix(".png") {
            throw ValidationError("--figure \(figure) is not allowed; a name that ends in .svg or .png is.")
        }
        guard !recipes.isEmpty else { throw ValidationError("At least one --recipe is needed.") }
    }

    func run() throws {
        let session = BenchmarkSession(
            threads: threads, seconds: seconds, recipes: try recipes.map(BenchmarkRecipe.init), figure: figure,
            output: BenchmarkOutput(json: json))
        for benchmark in Benchmark.all where names.isEmpty || names.contains(benchmark.name) {
            try session.run(benchmark)
        }
    }
}
