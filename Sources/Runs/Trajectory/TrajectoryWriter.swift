import Communication
import LatticeNumerics
import Lattices
import Observables
import Recipes
import Storage

/// Writes a trajectory from fields that are spread over ranks.
///
/// Everything but ``remove(_:)`` is collective: all ranks call it, and a failure on any is thrown on all. The first rank has the
/// files. Records of a step that are there already are overwritten, by the same bits if the step is the same.
package final class TrajectoryWriter {
    /// Time steps at which frames are due.
    package let frameSteps: [Int]
    /// Time steps at which samples are due.
    package let sampleSteps: [Int]
    /// The recipe of the file, and what earlier ones have made of it.
    let recipe: String
    package let pastPieces: [TrajectoryPast.Piece]
    private let path: String
    private let fields: [TrajectoryField]
    private let observableNames: [String]
    private let supercell: Supercell
    private let kind: SiteVariable.Kind
    private let frames: TrajectoryFrames
    private let layout: SlabLayout
    private let communicator: any Communicator
    private let pool: WorkerPool
    /// The open file, on the first rank.
    private var file: HDF5File?
    private var frameCount: Int
    /// Frames that a power cut would take.
    private var unsynced = UnsyncedFiles()
    private var sampleCount: Int

    /// Makes the file of a simulation that has yet to begin, with space for all samples.
    ///
    /// - Throws: `StorageError` `.outOfSpace` or `.unwritable`.
    package static func create(_ path: String, _ plan: TrajectoryFile.Plan, _ communicator: any Communicator) throws {
        try communicator.jointly {
            guard communicator.rank == 0 else { return }
            // Frames first: those of an older trajectory must not be taken for its own.
            let frames = TrajectoryFrames(of: path)
            try frames.create()
            try frames.writeList(plan)
            try TrajectoryFile.create(path, plan)
        }
    }

    /// Makes room in a trajectory for more steps, whether it has ended or not. What it holds stays, and once it has ended again
    /// it has the bytes of one that was made for so many steps at once. With a past in the plan, what it holds up to there stays, and
    /// what comes after it has other steps and times.
    ///
    /// - Parameters:
    ///   - plan: that of the trajectory but for `steps`, of which there are more, and the recipe; or what goes on after its past.
    ///   - layout: how the sites are spread over ranks.
    /// - Throws: `StorageError`; `.wrongShape` if it holds what the plan has no place for.
    package static func extend(
        _ path: String, to plan: TrajectoryFile.Plan, layout: SlabLayout, _ communicator: any Communicator
    ) throws {
        try communicator.jointly {
            guard communicator.rank == 0 else { return }
            try TrajectoryExtension(path, plan: plan, layout: layout).run()
        }
    }

    /// Opens a trajectory that is not merged yet, to go on writing.
    ///
    /// - Parameters:
    ///   - layout: how the sites are spread over ranks.
    ///   - pool: compresses on this rank.
    /// - Throws: `StorageError`; `.unwritable` if it is merged, or was begun by a version that knew no frames apart.
    package init(_ path: String, lattice: Lattice, layout: SlabLayout, communicator: any Communicator, pool: WorkerPool) throws {
        let found = try communicator.jointly {
            let found = try TrajectoryFile.open(path, lattice: lattice)
            guard let frames = found.frames else {
                guard found.isMerged else { throw Self.otherVersion(path) }
                throw StorageError(.unwritable, path: path, problem: "is complete")
            }
            return (found, frames)
        }
        guard layout.count == found.0.supercell.siteCount else {
            throw StorageError(
                .wrongShape, path: path, problem: "has frames of size \(found.0.supercell.size), not of \(layout.count) sites")
        }
        self.path = path
        (frameSteps, sampleSteps) = (found.0.frameSteps, found.0.sampleSteps)
        (frameCount, sampleCount) = (found.0.frameCount, found.0.sampleCount)
        (recipe, pastPieces) = (found.0.recipe, found.0.pastPieces)
        (fields, observableNames, supercell, frames) = (found.0.fields, found.0.observableNames, found.0.supercell, found.1)
        kind = found.0.kind
        self.layout = layout
        self.communicator = communicator
        self.pool = pool
        try found.0.close()
        communicator.barrier()
        file = try communicator.jointly { communicator.rank == 0 ? try HDF5File.open(path, .readWrite) : nil }
    }

    /// The error of a trajectory whose frames are where an earlier version of the program put them.
    static func otherVersion(_ path: String) -> StorageError {
        StorageError(
            .unwritable, path: path, problem: "was begun by another version of this program, which cannot go on with it")
    }

    /// Whether every frame and sample up to this step is written.
    package func holdsRecords(through step: Int) -> Bool {
        frameCount >= frameSteps.count { $0 <= step } && sampleCount >= sampleSteps.count { $0 <= step }
    }

    /// Writes the frame that belongs to this step; does nothing if none is due.
    ///
    /// - Parameter slab: this rank's part of a field, for every field that frames hold; used before it is asked for the next.
    ///   nil (on all ranks) if it is not known: NaN is written. It may communicate, and must fail on all ranks or on none.
    /// - Throws: `StorageError` `.outOfSpace` or `.unwritable`; the frames before are then untouched.
    package func writeFrame(step: Int, slab: (TrajectoryField) throws -> UnsafeBufferPointer<Double>?) throws {
        guard let index = frameSteps.firstIndex(of: step) else { return }
        try CompressedSlabs.write(
            to: frames.file(step), arrays: fields.map(\.rawValue),
            components: { TrajectoryField(rawValue: $0)!.kind(of: kind).count(in: supercell.lattice) },
            attributes: ["step": step], unit: Units.unit(ofDataset:),
            layout: layout, communicator: communicator, pool: pool, waits: false
        ) { try slab(TrajectoryField(rawValue: $0)!) }
        if communicator.rank == 0 { unsynced.append(frames.file(step)) }
        frameCount = index + 1
        try communicator.jointly { try file?.writeRow("adiabat/progress", index: 0, [frameCount]) }
    }

    /// Writes the sample that belongs to this step; does nothing if none is due.
    ///
    /// - Parameter sample: that of the first rank counts.
    /// - Throws: `StorageError` `.outOfSpace` or `.unwritable`.
    package func writeSample(_ sample: ObservableSample, step: Int) throws {
        try writeSample(sample.names, sample.values, step: step)
    }

    /// The same for values by name; an observable of the file that is not among them is not a number.
    package func writeSample(_ names: [String], _ values: [Double], step: Int) throws {
        guard let index = sampleSteps.firstIndex(of: step) else { return }
        sampleCount = index + 1
        try communicator.jointly {
            guard let file else { return }
            for name in observableNames {
                let value = names.firstIndex(of: name).map { values[$0] } ?? .nan
                try file.writeRow(
                    TrajectoryFile.group(ofObservable: name, in: file) + "/value", index: index, [value], nonFinite: .undefined)
            }
            try file.writeRow("adiabat/progress", index: 1, [sampleCount])
        }
    }

    /// Everything written so far is on the disk when this returns. Before that a frame outlives a kill, but not a power cut; so
    /// this comes before a checkpoint that relies on the frames.
    package func flush() throws {
        try communicator.jointly {
            try unsynced.synchronize()
            try file?.flush()
        }
    }

    /// Ends the writing. If all frames and samples are there they are merged into one file, which is then on the disk, and the
    /// trajectory is finished; else frames wait for ``flush()``, also after this.
    ///
    /// - Throws: `StorageError` `.outOfSpace` or `.unwritable`, or `.malformed` if a frame has been damaged; nothing is then
    ///   lost, and what is there can be opened again.
    package func close() throws {
        try communicator.jointly {
            guard let file else { return }
            try file.flush()
            self.file = nil
            try file.close()
            guard frameCount == frameSteps.count, sampleCount == sampleSteps.count else { return }
            try TrajectoryMerge(path, frames: frames, supercell: supercell, kind: kind, layout: layout, pool: pool).run()
            unsynced = UnsyncedFiles()
        }
    }

    /// Removes a trajectory with its frames and whatever a kill has left of them, if it is there.
    package static func remove(_ path: String) throws {
        // The file first: without it the frames are of no use.
        for file in [path, path + ".partial"] { try AtomicFile.remove(file) }
        try TrajectoryFrames(of: path).remove()
    }

    /// Removes what a kill between the merging of a trajectory and the removal of its frames has left.
    package static func removeLeftovers(of path: String) throws {
        try AtomicFile.remove(path + ".partial")
        try TrajectoryFrames(of: path).remove()
    }
}
