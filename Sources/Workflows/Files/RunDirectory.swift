import Foundation
import Storage

/// The folder of one run and the names of what lies in it.
public struct RunDirectory: Sendable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    public var recipe: String { file("recipe.toml") }
    public var manifest: String { file("manifest.json") }
    public var dataset: String { file("dataset.h5") }
    public var datasetParts: String { file("dataset.parts") }
    public var model: String { file("model.safetensors") }
    public var trainingCurve: String { file("training.csv") }
    public var trainingCheckpoint: String { file("training.checkpoint") }
    public var trajectory: String { file("trajectory.h5") }
    public var simulationCheckpoint: String { file("simulation.checkpoint") }
    public var comparison: String { file("comparison.json") }
    public var analysis: String { file("analysis.json") }
    public var figures: String { file("figures") }
    public var report: String { file("report.html") }

    public func file(_ name: String) -> String { path + "/" + name }

    public func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    /// Makes the folder, and one inside it if named.
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
    func removeCheckpoint(_ checkpoint: String) throws {
        try removeLeftovers(ofCheckpoint: checkpoint)
        try remove(checkpoint)
    }

    /// Removes the checkpoint before the one of this name, and a new one that a kill left half written.
    func removeLeftovers(ofCheckpoint checkpoint: String) throws {
        // The name that AtomicFile documents.
        try remove(checkpoint + ".partial")
        try remove(Checkpoint.previousPath(of: checkpoint))
    }

    /// Whether there is a checkpoint, or the one before it.
    func hasCheckpoint(_ checkpoint: String) -> Bool {
        exists(checkpoint) || exists(Checkpoint.previousPath(of: checkpoint))
    }

    /// Removes a file or folder if it is there.
    func remove(_ file: String) throws {
        guard exists(file) else { return }
        do { try FileManager.default.removeItem(atPath: file) } catch {
            throw StorageError(.unwritable, path: file, problem: "cannot remove it: \(error.localizedDescription)")
        }
    }
}
