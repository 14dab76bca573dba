/// Why no local diagonalization was chosen, or none is possible.
public enum LocalDiagonalizationError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The accuracy is not a positive number.
    case impossibleAccuracy(Double)
    /// There is no configuration to measure errors on.
    case noProbes
    /// Not even the largest patches are as accurate as this on the probes.
    case accuracyNotMet(Double, tried: [LocalDiagonalization.Measurement])
    /// A bond reaches farther than the windows of a conservative local diagonalization.
    case bondLeavesWindow(side: Int, lattice: String, needed: Int)
    /// Learned coefficients belong to the lattice they were learned on.
    case correctionsOfAnotherLattice(String, used: String)

    public var description: String {
        switch self {
        case .impossibleAccuracy(let accuracy):
            "accuracy: \(accuracy); a finite number greater than 0 is needed"
        case .bondLeavesWindow(let side, let lattice, let needed):
            "side: \(side); windows on the \(lattice) lattice need at least \(needed) cells"
        case .correctionsOfAnotherLattice(let lattice, let used):
            "the coefficients were learned on the \(lattice) lattice; they cannot be used on the \(used) lattice"
        case .noProbes:
            "no configurations to measure the accuracy of local diagonalization on; at least one is needed"
        case .accuracyNotMet(let accuracy, let tried):
            if let best = tried.min(by: { $0.rmsError < $1.rmsError }) {
                """
                accuracy: \(accuracy); the best rms error of a force by local diagonalization is \(best.rmsError), with radius \
                \(best.options.radius) and \(best.options.levels) levels; selected-inversion is exact
                """
            } else {
                "accuracy: \(accuracy); nothing was tried"
            }
        }
    }
}
