import Lattices
import Storage

/// What an audit is of: two audits with the same setup agree, frame by frame.
struct AuditSetup: Sendable, Equatable {
    let supercell: Supercell
    /// The model file, as it was named, or the solver with its options.
    let audited: String
    /// SHA-256 of the model file; empty for a solver.
    let auditedDigest: String
    /// The arithmetic of the model's force, and whether it is an average over offsets of blocks; empty for a solver, whose options
    /// name its own.
    let precision: String
    /// What determines the trajectory, ``TrajectoryFile/identity(_:)``.
    let trajectoryDigest: String
    let isOwnTrajectory: Bool
    let solver: SolverName
    /// The options of the solver, such as `tolerance = 1e-10`; empty if it has none.
    let options: String
    let isWhole: Bool
    /// Audited sites of each frame.
    let sites: Int
    let accuracy: Double

    static let trajectoryKey = "trajectory"

    /// What must agree, by name.
    var identity: [(name: String, value: String)] {
        [
            ("model", auditedDigest.isEmpty ? audited : auditedDigest), ("precision", precision),
            (Self.trajectoryKey, trajectoryDigest),
            ("solver", solver.rawValue), ("options", options), ("sites", isWhole ? "all" : "\(sites)"),
            ("accuracy", isWhole ? "the solver's" : "\(accuracy)"),
        ]
    }
}

/// One audited frame of a trajectory.
struct AuditedFrame: Sendable, Equatable {
    /// Counted from 0 in the trajectory.
    let index: Int
    let step: Int
    let time: Double
    let displacement: SiteField
    let forces: AuditedForces
    /// The error that the audited force itself expects, component by component on the audited sites; nil if it expects none.
    let expected: [Double]?

    var line: AuditLine { AuditLine(forces, step: step, time: time) }
}
