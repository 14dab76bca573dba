import Foundation

extension ForceMap {
    /// Two Markdown tables: errors and times of all, and what the learned models took and how they compare.
    var markdown: String {
        let heading = """
            ### The map at g = \(String(format: "%g", coupling))

            Electronic force \(String(format: "%.2f", rootMeanSquareForce)) rms.

            | | error, rms | median | 99 % below | largest | non-conservative | 1 thread | \(threads) threads | a site |
            |---|---|---|---|---|---|---|---|---|
            """
        return ([heading] + rows.map(line)).joined(separator: "\n") + "\n" + comparison
    }

    private var threads: Int { rows.first?.threads ?? 1 }

    private func line(_ point: MapPoint) -> String {
        let error = point.error
        let errors = [error.rootMeanSquare, error.median, error.percentile99, error.maximum, point.nonConservative]
        let mark = point.isExtrapolated ? " *" : ""
        let times = [point.secondsOnOneThread, point.secondsOnAllThreads, point.secondsPerSite]
        let name = point.precision == .float32 && point.learning == nil ? point.name + ", single" : point.name
        let cells =
            [name] + errors.map { $0 == 0 ? "–" : String(format: "%.1e", $0) }
            + times.map { BenchmarkResult.time($0) + mark }
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private var comparison: String {
        let learned = rows.compactMap { point in point.learning.map { (point, $0) } }
        guard !learned.isEmpty else { return "" }
        let heading = """

            | g = \(String(format: "%g", coupling)) | parameters | multiply–adds a site | training | with its data | error, rms \
            | a site | local at equal time: error | published: error | published: time |
            |---|---|---|---|---|---|---|---|---|---|
            """
        let lines = learned.map { point, learning in
            let cells = [
                point.name, "\(learning.parameters)", "\(learning.multiplyAdds)",
                String(format: "%.0f s", learning.trainingSeconds), String(format: "%.0f s", learning.totalSeconds),
                String(format: "%.1e", point.error.rootMeanSquare), BenchmarkResult.time(point.secondsPerSite),
                Self.factor(learning.advantage), Self.factor(learning.publishedError), Self.factor(learning.publishedTime),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return ([heading] + lines).joined(separator: "\n") + "\n"
    }

    private static func factor(_ value: Double?) -> String { value.map { String(format: "× %.3g", $0) } ?? "–" }
}
