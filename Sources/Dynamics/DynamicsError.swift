/// A parameter of the dynamics that makes no sense, or a trajectory that has left every reasonable bound.
public enum DynamicsError: Error, CustomStringConvertible, Sendable {
    /// The parameter `key`, named as in a recipe, has a value that is not allowed.
    case invalid(key: String, problem: String)
    /// After step `step` the `quantity` (displacement, velocity or force) of `site` is `value`: not finite, or of a
    /// magnitude beyond `limit`.
    case diverged(quantity: String, value: Double, limit: Double, step: Int, site: Int)
    /// Somewhere the `quantity` is not finite; where, a look at the bounds will tell.
    case notFinite(quantity: String)

    public var description: String {
        switch self {
        case .invalid(let key, let problem):
            "\(key): \(problem)"
        case .diverged(let quantity, let value, let limit, let step, let site):
            "step \(step), site \(site): the \(quantity) is \(value)"
                + (value.isFinite ? ", beyond the limit of \(limit)" : "") + "; a smaller time step may help"
        case .notFinite(let quantity):
            "the \(quantity) is not finite somewhere on the lattice; a smaller time step may help"
        }
    }
}

extension DynamicsError {
    /// - Throws: ``invalid(key:problem:)`` unless `value` is finite and positive.
    static func requirePositive(_ value: Double, _ key: String) throws {
        guard value.isFinite, value > 0 else { throw invalid(key: key, problem: "\(value); a finite number above 0 is needed") }
    }

    /// - Throws: ``invalid(key:problem:)`` unless `value` is finite and not negative.
    static func requireNonNegative(_ value: Double, _ key: String) throws {
        guard value.isFinite, value >= 0 else { throw invalid(key: key, problem: "\(value); a finite number from 0 is needed") }
    }
}
