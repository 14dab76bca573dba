import Foundation

/// Where results go: an aligned table for people, or a JSON object a line.
struct BenchmarkOutput {
    let json: Bool

    private static let widths = [-34, 7, 9, 9, 9, 9, 15, 7]

    func begin(_ machine: MachineFacts) {
        if json { return printJSON(machine) }
        Swift.print(machine.text)
    }

    func begin(_ benchmark: Benchmark) {
        guard !json else { return }
        Swift.print("\n\(benchmark.name): \(benchmark.summary)")
        fflush(nil)
    }

    /// What stands above the first result of a benchmark.
    func beginResults() {
        guard !json else { return }
        printRow(BenchmarkResult.columns)
    }

    func print(_ result: BenchmarkResult) {
        if json { return printJSON(result) }
        printRow(result.cells)
    }

    func print(_ fact: BenchmarkFact) {
        if json { return printJSON(fact) }
        Swift.print(fact.text)
        fflush(nil)
    }

    func print(_ table: some BenchmarkTable) {
        if json { return table.rows.forEach(printJSON) }
        Swift.print(table.markdown)
        fflush(nil)
    }

    private func printRow(_ cells: [String]) {
        let padded = zip(cells, Self.widths).map { text, width in
            let padding = String(repeating: " ", count: max(0, abs(width) - text.count))
            return width < 0 ? text + padding : padding + text
        }
        Swift.print(padded.joined(separator: " "))
        fflush(nil)
    }

    private func printJSON(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do { Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self)) } catch {
            preconditionFailure("results are encodable: \(error)")
        }
        fflush(nil)
    }
}
