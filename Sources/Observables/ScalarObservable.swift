/// A number that describes a state: a name for files and figures, what it means, how to get it.
public struct ScalarObservable: Sendable {
    /// Name of the column in files, in snake case.
    public let name: String
    /// What it is, with its symbol, for axes and reports.
    public let summary: String
    /// The attribute `unit` of its values in files; `1` for a pure number.
    public let unit: String
    /// What a supercell must have for it.
    public let requirement: Requirement
    /// The value, or nil where it is not defined or what it needs is not there.
    public let evaluate: @Sendable (Snapshot) -> Double?

    /// What a supercell must have for an observable to be defined on it.
    public enum Requirement: Sendable {
        /// Any supercell will do.
        case none
        /// Two sublattices: bonds join sites of different ones alone.
        case sublattices
        /// Two sublattices, one site a cell, and every direction periodic: an ordering wave vector.
        case orderingWaveVector
    }

    /// An observable to be listed in an ``ObservableSet``.
    public init(
        name: String, summary: String, unit: String = "1", requirement: Requirement = .none,
        evaluate: @escaping @Sendable (Snapshot) -> Double?
    ) {
        self.name = name
        self.summary = summary
        self.unit = unit
        self.requirement = requirement
        self.evaluate = evaluate
    }
}
