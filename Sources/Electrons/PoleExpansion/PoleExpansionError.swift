/// Why no pole expansion of the Fermi–Dirac occupation was made.
public enum PoleExpansionError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The bound of x = (ε − μ)/k_BT is not a positive number, or beyond what was ever tried.
    case impossibleBound(Double, largest: Double)
    /// The tolerance is not a positive number.
    case impossibleTolerance(Double)
    /// The number of poles, or the number it is to be a multiple of, is not among those allowed.
    case impossibleCount(Int, largest: Int)
    /// Neither more poles nor double precision bring the error below the tolerance.
    case toleranceNotReachable(tolerance: Double, bound: Double, reached: Double, poles: Int)
    /// The minimax iteration for this bound and this number of poles did not converge.
    case notConverged(bound: Double, poles: Int)

    public var description: String {
        switch self {
        case .impossibleBound(let bound, let largest):
            "bound \(bound) of (ε − μ)/k_BT; more than 0 and at most \(largest) is needed"
        case .impossibleTolerance(let tolerance):
            "tolerance \(tolerance) of a pole expansion; a finite number greater than 0 is needed"
        case .impossibleCount(let count, let largest):
            "\(count) poles; 1 to \(largest) are possible"
        case .toleranceNotReachable(let tolerance, let bound, let reached, let poles):
            "tolerance \(tolerance) cannot be reached for |ε − μ|/k_BT up to \(bound): \(poles) poles have the error \(reached)"
        case .notConverged(let bound, let poles):
            "the minimax iteration for \(poles) poles up to |ε − μ|/k_BT = \(bound) did not converge"
        }
    }
}
