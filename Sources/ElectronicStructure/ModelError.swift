/// A parameter of the model that makes no sense.
public struct ModelError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The parameter as recipes spell it: `temperature`, `neighbor_stiffness`, ….
    public let key: String
    /// The value, and what is allowed.
    public let problem: String
    public var description: String { "\(key): \(problem)" }

    /// An error about the parameter `key`.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }
}
