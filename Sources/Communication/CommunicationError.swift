/// A lattice that cannot be cut as asked for, or processes that cannot be used.
public struct CommunicationError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, as the user names it: `ranks`.
    public let key: String
    /// What is wrong with it, and what is allowed.
    public let problem: String

    /// An error about one setting.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }

    public var description: String { "\(key): \(problem)" }
}
