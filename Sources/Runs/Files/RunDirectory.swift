import Foundation
import Storage

/// The folder of one run and the names of what lies in it.
public struct RunDirectory: Sendable {
    /// The folder, as the user named it.
    public let path: String

    /// Where the model lies if it is that of another run.
    private let foreignModel: String?

    /// The run in this folder, which need not exist; ``create(_:)`` makes it.
    public init(_ path: String) {
        self.path = path
        foreignModel = nil
    }

    /// A run in a folder below, with the model of the other run.
    package init(_ path: String, modelOf other: RunDirectory) {
        self.path = path
        foreignModel = other.model
    }

    /// `recipe.toml`: the recipe with every default filled in, written by `generate`, `train` and `simulate`.
    public var recipe: String { file("recipe.toml") }
    /// `manifest.json`: what made the files; every stage that has run enters what it wrote.
    public var manifest: String { file("manifest.json") }
    /// `run.lock`: who is writing in the folder; there only while somebody is, or after a kill.
    public var lock: String { file("run.lock") }
    /// `dataset.h5`: the exact data, written by `generate`; a ``Dataset``.
    public var dataset: String { file("dataset.h5") }
    /// `dataset.parts`: a folder of finished and unfinished trajectories while `generate` is under way.
    public var datasetParts: String { file("dataset.parts") }
    /// `model.safetensors`: the trained network, written by `train`; read by ``ModelFile``.
    public var model: String { foreignModel ?? file("model.safetensors") }
    /// `training.csv`: the learning curve, a line an epoch, written by `train`.
    public var trainingCurve: String { file("training.csv") }
    /// `training.checkpoint`: the state of `train` after its last complete epoch; it stays, to go on from for more epochs.
    public var trainingCheckpoint: String { file("training.checkpoint") }
    /// `training.parts`: a folder of the states of the second and further members of a committee; it stays too.
    public var trainingParts: String { file("training.parts") }
    /// `rounds`: a folder of what `learn` has done, round by round; a ``LearningRound`` says what is in each.
    public var rounds: String { file("rounds") }
    /// `learning.csv`: a line a round, written by `learn`.
    public var learningTable: String { file("learning.csv") }
    /// `trajectory.h5`: frames and observables, written by `simulate`; a ``TrajectoryFile``.
    public var trajectory: String { file("trajectory.h5") }
    /// `simulation.checkpoint`: the state of an unfinished `simulate`, which removes it at the end.
    public var simulationCheckpoint: String { file("simulation.checkpoint") }
    /// `diverged.npy`: the displacements at which `simulate` left all bounds, for inspection; shaped (Ly, Lx) on
    /// the square lattice, as `Supercell.shape` in general.
    public var diverged: String { file("diverged.npy") }
    /// `coarsening`: a folder of the quenches of an ensemble, `coarsening/256x256/quench-01` and so on, each of them a run of its own.
    public var quenches: String { file("coarsening") }
    /// `coarsening.json`: what the ensemble shows, written by `coarsen`; a ``Coarsening``.
    public var coarsening: String { file("coarsening.json") }
    /// `coarsening.csv`: the lengths of the domains with their errors, a line a time, written by `coarsen`.
    public var coarseningTable: String { file("coarsening.csv") }
    /// `comparison.json`: learned against exact, written by `compare`; a ``Comparison``.
    public var comparison: String { file("comparison.json") }
    /// `costs.json`: what forces cost on the machine at hand, written by `compare`; a ``ForceCosts``.
    public var costs: String { file("costs.json") }
    /// `analysis.json`: structure and growth of the domains, written by `analyze`; an ``Analysis``.
    public var analysis: String { file("analysis.json") }
    /// `audit.csv`: the audits during `simulate`, a line each.
    public var auditTable: String { file("audit.csv") }
    /// `audit.json`: what `audit` finds in a trajectory; an ``AuditReport``.
    public var audit: String { file("audit.json") }
    /// `audit.h5`: the forces of both kinds in the frames that `audit` has solved, and their differences.
    public var auditFrames: String { file("audit.h5") }
    /// `audit-frames.csv`: errors, a line a frame, written by `audit`.
    public var auditFrameTable: String { file("audit-frames.csv") }
    /// `audit.parts`: a folder of finished frames while `audit` is under way.
    public var auditParts: String { file("audit.parts") }
    /// `figures`: the folder of figures as PNG and SVG, written by `report`.
    public var figures: String { file("figures") }
    /// `report.html`: the page with all figures and tables, written by `report`.
    public var report: String { file("report.html") }

    /// The files that `audit` writes.
    public var auditOutputs: [String] { [audit, auditFrames, auditFrameTable, manifest] }
    /// The files that the stages write.
    public var outputs: [String] {
        [
            recipe, manifest, lock, dataset, file("model.safetensors"), trainingCurve, trainingCheckpoint, learningTable,
            trajectory, simulationCheckpoint, diverged, coarsening, coarseningTable, comparison, costs, analysis, auditTable,
            report,
        ]
    }

    /// The path of `name` in the folder.
    public func file(_ name: String) -> String { path + "/" + name }

    /// The path of `file` within the folder; its name alone if it lies elsewhere.
    package func name(of file: String) -> String {
        file.hasPrefix(path + "/") ? String(file.dropFirst(path.count + 1)) : URL(fileURLWithPath: file).lastPathComponent
    }

    /// The name of something that a stage reads: as above, but the whole path of what lies elsewhere, the model of another run excepted.
    func name(ofInput file: String) -> String {
        if file == model { return URL(fileURLWithPath: file).lastPathComponent }
        func whole(_ path: String) -> String { URL(fileURLWithPath: path).standardized.path }
        let (own, other) = (whole(path), whole(file))
        return other.hasPrefix(own + "/") ? String(other.dropFirst(own.count + 1)) : other
    }

    /// The path of what has this name as an input.
    func path(ofInput name: String) -> String {
        let isModel = name == URL(fileURLWithPath: model).lastPathComponent
        return name.hasPrefix("/") ? name : isModel ? model : file(name)
    }

    /// Whether a file or folder of this path is there; `file` is a path, as the properties give it, not a name.
    public func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    /// Makes the folder of the run, or the one of path `folder` if given, with the folders above it.
    ///
    /// - Throws: `StorageError` if the operating system refuses.
    public func create(_ folder: String? = nil) throws {
        let target = folder ?? path
        do {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        } catch {
            throw StorageError(.unwritable, path: target, problem: "cannot make the folder: \(error.localizedDescription)")
        }
    }

    /// Removes a checkpoint and what saving it may have left beside it; itself last, so that a kill in between leaves it whole.
    package func removeCheckpoint(_ checkpoint: String) throws {
        try removeLeftovers(ofCheckpoint: checkpoint)
        try remove(checkpoint)
    }

    /// Removes the checkpoint before the one of this name, and a new one that a kill left half written.
    package func removeLeftovers(ofCheckpoint checkpoint: String) throws {
        // The name that AtomicFile documents.
        try remove(checkpoint + ".partial")
        try remove(Checkpoint.previousPath(of: checkpoint))
    }

    /// Whether there is a checkpoint, or the one before it.
    package func hasCheckpoint(_ checkpoint: String) -> Bool {
        exists(checkpoint) || exists(Checkpoint.previousPath(of: checkpoint))
    }

    /// Removes a file or folder if it is there.
    package func remove(_ file: String) throws {
        guard exists(file) else { return }
        do { try FileManager.default.removeItem(atPath: file) } catch {
            throw StorageError(.unwritable, path: file, problem: "cannot remove it: \(error.localizedDescription)")
        }
    }
}
