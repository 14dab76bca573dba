import LatticeNumerics
import Lattices
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
    public var accuracy = ForceAudit.defaultAccuracy

    /// Whether an earlier audit in the folder is discarded first.
    public var redo = false

    /// The model file; nil if a solver is audited.
    var modelPath: String? {
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
