import LatticeNumerics
import Lattices
import Storage

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
