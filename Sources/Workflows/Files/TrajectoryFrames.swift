import Foundation
import Storage

/// `trajectory.frames/`: the frames of a trajectory under way, a file each, until they are merged.
///
///     0000000500.h5       frame of step 500: a dataset a field, (sites) or (sites, components), compressed in units of rows; attribute `step`
///     frames.h5           the same as virtual datasets (frames, sites, …), NaN where a frame is not there, for other programs
///
/// A frame's file is there in full or not at all, so that a kill at any moment leaves a readable trajectory. A power cut may spoil
/// frames that are newer than the last checkpoint, which are written again when the run goes on.
struct TrajectoryFrames {
    /// The path of the folder.
    let folder: String
    /// Its name within the folder of the trajectory.
    let name: String

    /// The frames of the trajectory at `path`.
    init(of path: String) {
        folder = (path as NSString).deletingPathExtension + ".frames"
        name = (folder as NSString).lastPathComponent
    }

    /// The file that lists all frames.
    var list: String { folder + "/" + Self.listName }
    static let listName = "frames.h5"

    /// The file of the frame of a step.
    func file(_ step: Int) -> String { folder + "/" + Self.name(step) }

    /// The name of that file: steps have ten digits at most.
    static func name(_ step: Int) -> String {
        let digits = String(step)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".h5"
    }

    /// Whether the frame of a step is there.
    func contains(_ step: Int) -> Bool { FileManager.default.fileExists(atPath: file(step)) }

    /// One field of a frame.
    ///
    /// - Throws: `StorageError` if the frame is not there, is damaged, or is of another step or lattice.
    func values(of field: TrajectoryField, step: Int, shape needed: [Int]) throws -> [Double] {
        let file = try HDF5File.open(file(step))
        let (values, shape) = try file.readDoubles(field.rawValue)
        guard shape == needed, try file.readIntegerAttribute("step", of: "/") == step else {
            throw StorageError(
                .wrongShape, path: file.path, problem: "is no frame of shape \(needed) at step \(step)")
        }
        return values
    }

    /// Makes the folder anew.
    func create() throws {
        try remove()
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false) } catch {
            throw StorageError(.unwritable, path: folder, problem: "cannot make the folder: \(error.localizedDescription)")
        }
    }

    /// Makes the list of all frames, or makes it anew.
    func writeList(_ plan: TrajectoryFile.Plan) throws {
        try AtomicFile.replace(list) { temporary in
            let file = try HDF5File.create(temporary, version: .v110, unit: Units.unit(ofDataset:))
            for field in plan.fields {
                let rows = plan.frames.steps.map { HDF5File.RowSource(file: Self.name($0), dataset: field.rawValue) }
                try file.createVirtual(field.rawValue, rows: rows, row: plan.layout(of: field).shape)
            }
            try file.close()
        }
    }

    /// Removes the folder with all frames, if it is there.
    func remove() throws {
        try AtomicFile.remove(folder)
    }
}
