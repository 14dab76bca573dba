/// A field whose kind an observable is not defined for.
public struct ObservablesError: Error, CustomStringConvertible, Sendable, Equatable {
    /// What is not supported: `lattice`, `components`, `supercell`.
    public let key: String
    /// The value, and what is needed.
    public let problem: String
    public var description: String { "\(key): \(problem)" }

    /// An error about `key`.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }
}
