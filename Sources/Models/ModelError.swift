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

    /// - Throws: ``ModelError`` naming the key of a number that is not finite.
    public static func requireFinite(_ key: String, _ value: Double) throws {
        guard value.isFinite else { throw ModelError(key: key, problem: "\(value); a finite number is needed") }
    }
}
