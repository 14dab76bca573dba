import Foundation
import LatticeNumerics
import Lattices
import Recipes
import Storage

/// `trajectory.frames/`: the frames of a trajectory under way, a file each, until they are merged.
///
///     0000000500.h5       frame of step 500: a dataset a field, (sites) or (sites, components), compressed in units of rows; attribute `step`
///     frames.h5           the same as virtual datasets (frames, sites, …), NaN where a frame is not there, for other programs
///
/// A frame's file is there in full or not at all, so that a kill at any moment leaves a readable trajectory. A power cut may spoil
/// frames that are newer than the last checkpoint, which are written again when the run goes on.
package struct TrajectoryFrames {
    /// The path of the folder.
    package let folder: String
    /// Its name within the folder of the trajectory.
    let name: String

    /// The frames of the trajectory at `path`.
    package init(of path: String) {
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

/// Makes one file of a finished trajectory and its frames.
///
/// Chunks are copied as they are, each verified by its checksum, in the order of fields and steps: the bytes of the file depend on
/// the results alone. The new file replaces the old in one step, then the frames go.
struct TrajectoryMerge {
    private let path: String
    private let frames: TrajectoryFrames
    private let supercell: Supercell
    private let kind: SiteVariable.Kind
    private let layout: SlabLayout
    private let pool: WorkerPool

    init(
        _ path: String, frames: TrajectoryFrames, supercell: Supercell, kind: SiteVariable.Kind, layout: SlabLayout,
        pool: WorkerPool
    ) {
        self.path = path
        self.frames = frames
        self.supercell = supercell
        self.kind = kind
        self.layout = SlabLayout(count: layout.count, unit: layout.unit)
        self.pool = pool
    }

    /// - Throws: `StorageError`; the files are then untouched.
    func run() throws {
        try AtomicFile.replace(path) { temporary in
            let source = try HDF5File.open(path)
            let file = try HDF5File.create(temporary, version: .v110, unit: Units.unit(ofDataset:))
            let fields = try TrajectoryField.allCases.filter { try source.exists("particles/sites/\($0)") }
            let times = ["step", "time"].map { "particles/sites/displacement/" + $0 }
            for part in ["h5md", "adiabat", "particles/sites/box", "observables"] + times {
                try file.copy(part, from: source)
            }
            try file.writeAttribute(TrajectoryFile.apartKey, of: "adiabat", 0)
            try TrajectoryFile.linkTimes(of: fields, in: file)
            try fields.recordShapes(in: file, on: supercell, kind)
            for name in try source.readStringsAttribute("observables", of: "adiabat") {
                try file.seal("observables/\(name)/value")
            }
            try writePositions(to: file)
            let steps = try source.readIntegers(times[0]).values
            for field in fields {
                let value = "particles/sites/\(field)/value"
                let layout = layout.repeated(field.kind(of: kind).count(in: supercell.lattice))
                try file.createCompressed(value, shape: [steps.count] + layout.shape, chunk: [1] + layout.chunk)
                for (index, step) in steps.enumerated() {
                    try copy(field, layout, step: step, to: value, row: index, of: file)
                }
            }
            try file.close()
        }
        try frames.remove()
    }

    /// Cartesian positions of the sites, compressed as frames are.
    private func writePositions(to file: HDF5File) throws {
        let (lattice, path) = (supercell.lattice, "particles/sites/position")
        let dimension = lattice.dimension
        try file.createCompressed(path, shape: [layout.count, dimension], chunk: [layout.unit, dimension])
        for unit in layout.units {
            let positions = layout.range(ofUnit: unit).flatMap {
                lattice.position(cell: supercell.cell(of: $0), site: $0 % lattice.basis.count)
            }
            let chunk = positions.withUnsafeBufferPointer { CompressedChunk.compress($0, count: layout.unit * dimension) }
            try file.writeChunks(path, [(offset: [unit * layout.unit, 0], bytes: chunk)])
        }
    }

    /// Copies a field of one frame, some MiB at a time.
    private func copy(_ field: TrajectoryField, _ layout: SlabLayout, step: Int, to path: String, row: Int, of file: HDF5File)
        throws
    {
        let source = try HDF5File.open(frames.file(step))
        let group = max(1, (1 << 22) / (8 * layout.unit))
        for begin in stride(from: 0, to: layout.unitCount, by: group) {
            let units = begin..<min(begin + group, layout.unitCount)
            let chunks = try source.readChunks(field.rawValue, offsets: units.map(layout.offset))
            try pool.tryForEach(count: chunks.count) { index, _ in
                guard CompressedChunk.isIntact(chunks[index], count: layout.unit) else {
                    throw StorageError(
                        .malformed, path: source.path, problem: "is damaged: a chunk of '\(field)' does not fit its checksum")
                }
            }
            try file.writeChunks(path, zip(units, chunks).map { (offset: [row] + layout.offset(ofUnit: $0), bytes: $1) })
        }
    }
}
