import LatticeNumerics
import Lattices
import Recipes
import Runs
import Storage

/// What an audit of a trajectory is to do.
public struct AuditRequest: Sendable {
    /// Whose electronic force is audited.
    public enum Force: Sendable, Equatable {
        /// The network in a model file.
        case model(path: String)
        /// A solver, such as an approximate one.
        case solver(SolverName)

        /// The file or the solver of this name: a solver unless it is the path of a file.
        public init(_ name: String) {
            self = SolverName(rawValue: name).map { .solver($0) } ?? .model(path: name)
        }

        /// The path or the name.
        public var name: String {
            switch self {
            case .model(let path): path
            case .solver(let name): name.rawValue
            }
        }
    }

    /// Which frames of a trajectory are audited.
    public enum Frames: Sendable, Equatable {
        /// Every so many, from the first; 1 for all.
        case every(Int)
        /// Those of these indices, counted from 0.
        case listed([Int])
    }

    /// Whose force is audited.
    public var force: Force
    /// The path of a `trajectory.h5`.
    public var trajectory: String
    /// Which of its frames.
    public var frames = Frames.every(1)
    /// The solver that knows better.
    public var solver = SolverName.auditor
    /// Sites sampled in each frame; 0: all if the solver can afford it, else 256.
    public var sites = 0
    /// The largest change of a sampled force with the radius of its patch, in units of the hopping per displacement.
    public var accuracy = SimulateSettings.usualAuditAccuracy

    /// Whether an earlier audit in the folder is discarded first.
    public var redo = false

    /// The model file; nil if a solver is audited.
    package var modelPath: String? {
        if case .model(let path) = force { path } else { nil }
    }

    /// An audit of every frame with the solver of choice.
    public init(_ force: Force, trajectory: String) {
        self.force = force
        self.trajectory = trajectory
    }

    /// The recipe that a trajectory records; its lattice is looked for from the trajectory's folder.
    ///
    /// - Throws: `StorageError` for a file that is not a trajectory, and ``RecipeError``.
    public static func recipe(ofTrajectory path: String) throws -> Recipe {
        try Recipe(recorded: TrajectoryFile.recipe(of: path), file: path)
    }

    /// The indices of the frames, in ascending order.
    ///
    /// - Throws: ``AuditError/noFrames(path:)`` and ``AuditError/missingFrame(_:count:path:)``.
    func indices(frameCount: Int) throws -> [Int] {
        guard frameCount > 0 else { throw AuditError.noFrames(path: trajectory) }
        switch frames {
        case .every(let interval): return Array(stride(from: 0, to: frameCount, by: interval))
        case .listed(let list):
            if let missing = list.first(where: { !(0..<frameCount).contains($0) }) {
                throw AuditError.missingFrame(missing, count: frameCount, path: trajectory)
            }
            return Set(list).sorted()
        }
    }
}

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
