import ElectronicStructure
import Lattices

/// What the benchmarks share: the settings, the clock, the output, and what the machine can do at most.
final class BenchmarkSession {
    /// The larger number of threads.
    let threads: Int
    /// How long a case is repeated.
    let seconds: Double
    /// Whose networks are timed; the first one's lattice and model serve the other benchmarks.
    let recipes: [BenchmarkRecipe]
    private let output: BenchmarkOutput
    private var benchmark = ""
    private var peaks: [MatrixProduct: Measurement] = [:]

    init(threads: Int, seconds: Double, recipes: [BenchmarkRecipe], output: BenchmarkOutput) {
        self.threads = threads
        self.seconds = seconds
        self.recipes = recipes
        self.output = output
        output.begin(MachineFacts())
    }

    /// Numbers of threads to time a case with: one, and all.
    var threadCounts: [Int] { threads == 1 ? [1] : [1, threads] }

    var lattice: Lattice { recipes[0].recipe.lattice.geometry }
    var model: HolsteinModel { recipes[0].recipe.model }

    func run(_ benchmark: Benchmark) throws {
        self.benchmark = benchmark.name
        output.begin(benchmark)
        try benchmark.run(self)
    }

    /// Times one case and prints it.
    ///
    /// - Parameters:
    ///   - name: tells the case from the others of the benchmark.
    ///   - threads: how many `body` uses.
    ///   - work: what `body` does each time it is called.
    func time(_ name: String, threads: Int, work: Work, _ body: () throws -> Void) rethrows {
        let share = work.precision.map { precision in
            let product = MatrixProduct(precision: precision, threads: threads)
            return product.work.operations / peak(product).best
        }
        let measurement = try Measurement(repeating: seconds, body)
        output.print(BenchmarkResult(benchmark, name, threads: threads, work: work, measurement, peak: share))
    }

    /// Times the product of large matrices, by which the speed of everything else is judged, and prints it.
    func timePeak(_ product: MatrixProduct) {
        let measurement = peak(product)
        output.print(BenchmarkResult(benchmark, product.name, threads: product.threads, work: product.work, measurement))
    }

    /// Measured once.
    private func peak(_ product: MatrixProduct) -> Measurement {
        if let known = peaks[product] { return known }
        let measurement = product.measure(seconds: seconds)
        peaks[product] = measurement
        return measurement
    }
}
