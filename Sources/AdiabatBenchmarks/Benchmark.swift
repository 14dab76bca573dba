/// One benchmark: a word to ask for it by, what it times, and how.
struct Benchmark: Sendable {
    let name: String
    let summary: String
    /// Times each of its cases with ``BenchmarkSession/time(_:threads:work:_:)``.
    let run: @Sendable (BenchmarkSession) throws -> Void

    /// Every benchmark, in the order in which they run. A new one is a file in `Benchmarks` and its name here.
    static let all: [Benchmark] = [
        .machine, .diagonalization, .selectedInversion, .localDiagonalization, .forward, .training, .integration, .simulation,
        .storage,
    ]
}
