/// Results of many cases side by side.
protocol BenchmarkTable {
    associatedtype Row: Encodable

    /// What `--json` prints, an object a row.
    var rows: [Row] { get }
    /// What is printed otherwise.
    var markdown: String { get }
}
