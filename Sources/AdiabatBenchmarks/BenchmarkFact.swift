import Foundation

/// A number that is no time: an error, a ratio, a size of memory.
struct BenchmarkFact: Encodable {
    let benchmark: String
    let name: String
    let value: Double
    let unit: String

    var text: String { "  \(name): \(String(format: "%.3g", value))\(unit.isEmpty ? "" : " " + unit)" }
}
