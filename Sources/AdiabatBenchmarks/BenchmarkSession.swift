import Lattices
import Models

/// What the benchmarks share: the settings, the clock, the output, and what the machine can do at most.
final class BenchmarkSession {
    /// The larger number of threads.
    let threads: Int
    /// How long a case is repeated.
    let seconds: Double
    /// The first one's lattice and model serve the benchmarks of solvers and dynamics.
    let recipes: [BenchmarkRecipe]
    /// The models whose forces and training are timed.
    let models: [BenchmarkModel]
    private let output: BenchmarkOutput
    private var benchmark = ""
    private var hasResults = false
    private var peaks: [MatrixProduct: Measurement] = [:]

    init(threads: Int, seconds: Double, recipes: [BenchmarkRecipe], models: [BenchmarkModel] = [], output: BenchmarkOutput) {
        self.threads = threads
        self.seconds = seconds
        self.recipes = recipes
        self.models = models
        self.output = output
        output.begin(MachineFacts())
    }

    /// Numbers of threads to time a case with: one, and all.
    var threadCounts: [Int] { threads == 1 ? [1] : [1, threads] }

    var lattice: Lattice { recipes[0].recipe.lattice.geometry }
    var model: AdiabaticModel { recipes[0].recipe.model }

    func run(_ benchmark: Benchmark) throws {
        self.benchmark = benchmark.name
        hasResults = false
        output.begin(benchmark)
        try benchmark.run(self)
    }

    /// Times one case and prints it.
    ///
    /// - Parameters:
    ///   - name: tells the case from the others of the benchmark.
    ///   - threads: how many `body` uses.
    ///   - work: what `body` does each time it is called.
    ///   - repetition: how often `body` is called.
    @discardableResult
    func time(
        _ name: String, threads: Int, work: Work, repetition: Measurement.Repetition = .warm, _ body: () throws -> Void
    ) rethrows -> Measurement {
        let share = work.precision.map { precision in
            let product = MatrixProduct(precision: precision, threads: threads)
            return product.work.operations / peak(product).best
        }
        let measurement = try Measurement(repeating: seconds, repetition, body)
        state(BenchmarkResult(benchmark, name, threads: threads, work: work, measurement, peak: share))
        return measurement
    }

    /// Prints a number that is no time: an error, a ratio, a size of memory.
    func state(_ name: String, _ value: Double, unit: String = "") {
        output.print(BenchmarkFact(benchmark: benchmark, name: name, value: value, unit: unit))
    }

    /// Prints a table for people, or its rows as JSON objects.
    func state(_ table: some BenchmarkTable) { output.print(table) }

    /// Times the product of large matrices, by which the speed of everything else is judged, and prints it.
    func timePeak(_ product: MatrixProduct) {
        let measurement = peak(product)
        state(BenchmarkResult(benchmark, product.name, threads: product.threads, work: product.work, measurement))
    }

    private func state(_ result: BenchmarkResult) {
        if !hasResults { output.beginResults() }
        hasResults = true
        output.print(result)
    }

    /// Measured once.
    private func peak(_ product: MatrixProduct) -> Measurement {
        if let known = peaks[product] { return known }
        let measurement = product.measure(seconds: seconds)
        peaks[product] = measurement
        return measurement
    }
}
