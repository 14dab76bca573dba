import Foundation

/// One case as it is printed.
struct BenchmarkResult: Encodable {
    let benchmark: String
    let name: String
    let threads: Int
    let repetitions: Int
    let medianSeconds: Double
    let bestSeconds: Double
    /// Rates of the best repetition.
    let sites: Int?
    let sitesPerSecond: Double?
    let gflops: Double?
    /// Of what the same threads reach with matrix products in the same arithmetic.
    let shareOfPeak: Double?
    let gigabytesPerSecond: Double?

    /// - Parameter peak: operations a second of a matrix product.
    init(_ benchmark: String, _ name: String, threads: Int, work: Work, _ measurement: Measurement, peak: Double? = nil) {
        self.benchmark = benchmark
        self.name = name
        self.threads = threads
        repetitions = measurement.times.count
        medianSeconds = measurement.median
        bestSeconds = measurement.best
        let best = measurement.best
        let operationsPerSecond = work.precision.map { _ in work.operations / best }
        sites = work.sites
        sitesPerSecond = work.sites.map { Double($0) / best }
        gflops = operationsPerSecond.map { $0 * 1e-9 }
        shareOfPeak = peak.flatMap { peak in operationsPerSecond.map { $0 / peak } }
        gigabytesPerSecond = work.bytes.map { $0 / best * 1e-9 }
    }

    static let columns = ["", "threads", "median", "best", "a site", "sites/s", "rate", "of peak"]

    /// The cells under ``columns``.
    var cells: [String] {
        let flops = gflops.map { String(format: "%.1f GFLOP/s", $0) }
        let bandwidth = gigabytesPerSecond.map { String(format: "%.2f GB/s", $0) }
        return [
            name, "\(threads)", Self.time(medianSeconds), Self.time(bestSeconds),
            sites.map { Self.time(bestSeconds / Double($0)) } ?? "", sitesPerSecond.map { String(format: "%.3g", $0) } ?? "",
            flops ?? bandwidth ?? "", shareOfPeak.map { String(format: "%.0f %%", 100 * $0) } ?? "",
        ]
    }

    /// Three digits with the unit that suits: `41.2 µs`.
    static func time(_ seconds: Double) -> String {
        let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]
        let (scale, unit) = units.first { seconds >= 0.9995 * $0.0 } ?? units.last!
        let value = seconds / scale
        return String(format: value < 10 ? "%.2f " : value < 100 ? "%.1f " : "%.0f ", value) + unit
    }
}
