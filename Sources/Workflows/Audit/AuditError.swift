/// An audit that cannot be made as it was asked for, or one that a run has not passed.
public enum AuditError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The trajectory holds no frame yet.
    case noFrames(path: String)
    /// A frame was asked for that the trajectory does not hold (yet).
    case missingFrame(Int, count: Int, path: String)
    /// The trajectory is one of another lattice or of other electrons than the recipe's.
    case otherTrajectory(path: String, differences: [String])
    /// Patches need a chemical potential that is given: at fixed filling it depends on the whole configuration.
    case sitesAtFixedFilling(sites: Int)
    /// The solver takes no configuration as large as this.
    case tooManySites(Int, solver: SolverName, limit: Int)
    /// A simulation stopped because the error of its force exceeds the threshold.
    case thresholdExceeded(step: Int, time: Double, error: Double, threshold: Double, path: String)

    /// Whether the run failed, and not its input.
    public var isFailedRun: Bool {
        if case .thresholdExceeded = self { return true }
        return false
    }

    public var description: String {
        switch self {
        case .noFrames(let path): "\(path): holds no frame yet; there is nothing to audit"
        case .missingFrame(let index, let count, let path):
            "--frames \(index): \(path) holds \(count) frames; 0 to \(count - 1) are allowed"
        case .otherTrajectory(let path, let differences):
            "\(path): is not a trajectory of this recipe (" + differences.joined(separator: "; ") + ")"
        case .sitesAtFixedFilling(let sites):
            "\(sites) sampled sites: at fixed filling the chemical potential depends on the whole configuration; "
                + "as many sites as the lattice has, or model.chemical_potential, are allowed"
        case .tooManySites(let sites, let solver, let limit):
            "\(sites) sites: \(solver.rawValue) takes at most \(limit) at once; fewer audited sites or another solver are allowed"
        case .thresholdExceeded(let step, let time, let error, let threshold, let path):
            "step \(step), time \(TerminalNumber.text(time, digits: 6)): the error of the electronic force is "
                + TerminalNumber.text(error) + " (root mean square), above simulate.audit_threshold = \(threshold); see "
                + "\(path). The trajectory is kept up to this step; with simulate.audit_action = \"warn\" or a higher threshold "
                + "the run goes on"
        }
    }
}
