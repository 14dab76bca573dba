import Communication
import Foundation
import LatticeNumerics
import Storage
import Testing

/// A file system of 256 KiB in memory, mounted on a temporary folder; only where the tests may mount.
final class SmallDisk {
    let folder: TemporaryFolder

    init?() {
        guard let folder = try? TemporaryFolder() else { return nil }
        self.folder = folder
        guard Glibc.mount("tmpfs", folder.path, "tmpfs", 0, "size=256k") == 0 else { return nil }
    }

    deinit {
        umount2(folder.path, Int32(MNT_DETACH))
    }

    static let isAvailable = SmallDisk() != nil
}

@Suite(.enabled(if: SmallDisk.isAvailable, "the tests may not mount a file system here"))
struct FullDiskTests {
    let disk: SmallDisk

    init() throws {
        disk = try #require(SmallDisk())
    }

    @Test func theOldFileSurvives() throws {
        let path = disk.folder.file("array.npy")
        try NPYArray(shape: [3], values: [1, 2, 3]).write(to: path)
        let error = #expect(throws: StorageError.self) {
            try NPYArray(shape: [100_000], values: [Double](repeating: 1, count: 100_000)).write(to: path)
        }
        #expect(error?.kind == .outOfSpace)
        #expect(error?.path == path)
        #expect(try NPYArray(contentsOf: path).values == [1, 2, 3])
        #expect(try disk.folder.names() == ["array.npy"])
    }

    @Test func theCheckpointSurvives() throws {
        let path = disk.folder.file("checkpoint")
        func checkpoint(_ count: Int) -> Checkpoint {
            Checkpoint(tensors: [.init(name: "a", shape: [count], values: .float64([Double](repeating: 1, count: count)))])
        }
        try checkpoint(3).save(to: path)
        #expect(try kind { try checkpoint(100_000).save(to: path) } == .outOfSpace)
        #expect(try Checkpoint.load(path)?.checkpoint == checkpoint(3))
    }

    /// The rank that finds the disk full is the last; all throw the same, nothing hangs, and the old file stays.
    @Test(arguments: 1...3) func theCheckpointInSlabsSurvives(ranks: Int) throws {
        let path = disk.folder.file("checkpoint")
        let good = SlabLayout(count: 300, unit: 100)
        let values = [Double](repeating: 1, count: 100_000)
        @Sendable func save(_ layout: SlabLayout, _ communicator: any Communicator) throws {
            try values.withUnsafeBufferPointer { values in
                try SlabCheckpoint.save(
                    to: path, tensors: [], metadata: [:], slabs: ["a"], layout: layout, communicator: communicator
                ) { _ in UnsafeBufferPointer(rebasing: values[..<layout.range.count]) }
            }
        }
        try save(good, SingleProcess())
        let errors = try ThreadCommunicator.run(ranks: ranks) { communicator -> StorageError? in
            let units = communicator.rank * 1000 / ranks..<(communicator.rank + 1) * 1000 / ranks
            do { try save(SlabLayout(count: 100_000, unit: 100, units: units), communicator) } catch let error as StorageError {
                return error
            }
            return nil
        }
        #expect(errors[0]?.kind == .outOfSpace && errors[0]?.path == path, "\(errors)")
        #expect(errors.allSatisfy { $0 == errors[0] }, "\(errors)")
        #expect(try disk.folder.names() == ["checkpoint"])
        #expect(try SlabCheckpoint.load(path, slabs: ["a"], layout: good, communicator: SingleProcess()) { _, _ in } != nil)
    }

    @Test(arguments: 1...3) func compressedSlabsSurvive(ranks: Int) throws {
        let path = disk.folder.file("frame.h5")
        let noise = (0..<100_000).map { sin(Double($0 * $0)) }
        @Sendable func write(_ count: Int, _ communicator: any Communicator) throws {
            let whole = SlabLayout(count: count, unit: 100)
            let units = communicator.rank * whole.unitCount / communicator.size
            let end = (communicator.rank + 1) * whole.unitCount / communicator.size
            let layout = SlabLayout(count: count, unit: 100, units: units..<end)
            try noise.withUnsafeBufferPointer { noise in
                try CompressedSlabs.write(
                    to: path, arrays: ["a", "b"], layout: layout, communicator: communicator, pool: WorkerPool(threads: 1)
                ) { _ in UnsafeBufferPointer(rebasing: noise[layout.range]) }
            }
        }
        try write(1000, SingleProcess())
        let errors = try ThreadCommunicator.run(ranks: ranks) { communicator -> StorageError? in
            do { try write(100_000, communicator) } catch let error as StorageError { return error }
            return nil
        }
        #expect(errors[0]?.kind == .outOfSpace && errors[0]?.path == path, "\(errors)")
        #expect(errors.allSatisfy { $0 == errors[0] }, "\(errors)")
        #expect(try disk.folder.names() == ["frame.h5"])
        #expect(try HDF5File.open(path).readDoubles("b").values == Array(noise[..<1000]))
    }

    @Test func reservingSpaceShowsIt() throws {
        let path = disk.folder.file("trajectory.h5")
        for _ in 0..<3 {
            let error = #expect(throws: StorageError.self) {
                try AtomicFile.replace(path) { temporaryPath in
                    let file = try HDF5File.create(temporaryPath)
                    try file.createReserved("value", shape: [1000, 100], type: .float64)
                    try file.close()
                }
            }
            #expect(error?.kind == .outOfSpace)
            #expect(error?.path == path)
            #expect(try disk.folder.names() == [])
        }
        // The library is still of use afterwards.
        try HDF5FileTests.writeExample(path)
        try HDF5FileTests.readAll(path)
    }

    @Test func writingManySmallThingsShowsIt() throws {
        let path = disk.folder.file("dataset.h5")
        #expect(
            try kind {
                let file = try HDF5File.create(path)
                for index in 0..<2000 {
                    try file.write([Double](repeating: 1, count: 64), shape: [64], to: "group \(index)/values")
                }
                try file.close()
            } == .outOfSpace)
        unlink(path)
        try HDF5FileTests.writeExample(path)
        try HDF5FileTests.readAll(path)
    }
}
