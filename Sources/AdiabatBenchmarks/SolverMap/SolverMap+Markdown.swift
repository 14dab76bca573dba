import Foundation

extension SolverMap {
    /// A Markdown table, with the size of the forces above it.
    var markdown: String {
        let threads = rows.first?.threads ?? 1
        let heading = """
            g = \(String(format: "%g", coupling)), electronic force \(String(format: "%.2f", rootMeanSquareForce)) rms:

            | | error, rms | median | 99 % below | largest | non-conservative | 1 thread | \(threads) threads | a site |
            |---|---|---|---|---|---|---|---|---|
            """
        return ([heading] + rows.map(line)).joined(separator: "\n") + "\n"
    }

    private func line(_ point: MapPoint) -> String {
        let error = point.error
        let errors = [error.rootMeanSquare, error.median, error.percentile99, error.maximum, point.nonConservative]
        let mark = point.isExtrapolated ? " *" : ""
        let times = [point.secondsOnOneThread, point.secondsOnAllThreads, point.secondsPerSite]
        let name = point.precision == .float32 ? point.name + ", single" : point.name
        let cells =
            [name] + errors.map { $0 == 0 ? "–" : String(format: "%.1e", $0) }
            + times.map { BenchmarkResult.time($0) + mark }
        return "| " + cells.joined(separator: " | ") + " |"
    }
}
