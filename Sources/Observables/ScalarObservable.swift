/// A number that describes a state: a name for files and figures, what it means, how to get it.
public struct ScalarObservable: Sendable {
    /// Name of the column in files, in snake case.
    public let name: String
    /// What it is, with its symbol, for axes and reports.
    public let summary: String
    /// The value, or nil where it is not defined or what it needs is not there.
    public let evaluate: @Sendable (Snapshot) -> Double?

    /// An observable to be listed in an ``ObservableSet``.
    public init(name: String, summary: String, evaluate: @escaping @Sendable (Snapshot) -> Double?) {
        self.name = name
        self.summary = summary
        self.evaluate = evaluate
    }
}
