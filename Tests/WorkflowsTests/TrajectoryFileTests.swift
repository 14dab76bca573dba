import Communication
import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Recipes
import Reports
import Runs
import Storage
import Testing

@Suite struct TrajectoryFileTests {
    static let size = [300, 60]
    static let lattice = try! Lattice(
        name: "square", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
        bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1])])
    static let names = ["order_parameter", "kinetic_energy"]

    /// A folder of its own, removed when the test is over.
    final class Folder: Sendable {
        let path = NSTemporaryDirectory() + "adiabat-trajectory-" + UUID().uuidString
        var trajectory: String { path + "/trajectory.h5" }
        var frames: String { path + "/trajectory.frames" }

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
        func bytes(_ file: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: file))) }
        func put(_ bytes: [UInt8], _ file: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: file)) }
    }

    let folder: Folder

    init() throws { folder = try Folder() }

    static func supercell() throws -> Supercell { try Supercell(lattice, size: size) }

    static func plan(steps: Int = 20) throws -> TrajectoryFile.Plan {
        TrajectoryFile.Plan(
            supercell: try supercell(), timeStep: 0.1, steps: steps, frameInterval: 6,
            fields: [.displacement, .velocity, .density], observableInterval: 2,
            observables: [.orderParameter, .kineticEnergy], recipe: "seed = 1\n", forceField: "model", modelDigest: "abc",
            seed: 7)
    }

    /// The value of a field on a site, told from all others; noise in its low bits.
    static func value(_ field: TrajectoryField, site: Int, step: Int) -> Double {
        Double(field == .velocity ? -1 : 1) * sin(Double(site) * 0.37) + Double(step)
    }

    static func layout(_ communicator: any Communicator) throws -> SlabLayout {
        let partition = RowPartition(try supercell(), rankCount: communicator.size)
        return SlabLayout(
            count: size[0] * size[1], unit: partition.rowsPerUnit * partition.sitesPerRow,
            units: partition.units(of: communicator.rank))
    }

    static func writer(_ path: String, _ communicator: any Communicator, threads: Int = 1) throws -> TrajectoryWriter {
        try TrajectoryWriter(
            path, lattice: lattice, layout: layout(communicator), communicator: communicator, pool: WorkerPool(threads: threads))
    }

    /// Writes what is due at these steps, as a simulation does.
    static func write(
        _ steps: ClosedRange<Int>, to writer: TrajectoryWriter, _ communicator: any Communicator, flushes: Bool = true
    ) throws {
        let sites = RowPartition(try supercell(), rankCount: communicator.size).sites(of: communicator.rank)
        let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: sites.count)
        defer { buffer.deallocate() }
        for step in steps {
            try writer.writeFrame(step: step) { field in
                if field == .density { return nil }
                for (k, site) in sites.enumerated() { buffer[k] = value(field, site: site, step: step) }
                return UnsafeBufferPointer(buffer)
            }
            try writer.writeSample(names, [Double(step), -Double(step)], step: step)
        }
        if flushes { try writer.flush() }
    }

    /// Makes a trajectory and writes up to a step; the last step ends it.
    func run(through last: Int, ranks: Int = 1, threads: Int = 1, in folder: Folder? = nil) throws {
        let path = (folder ?? self.folder).trajectory
        _ = try ThreadCommunicator.run(ranks: ranks) { communicator in
            try TrajectoryWriter.create(path, Self.plan(), communicator)
            let writer = try Self.writer(path, communicator, threads: threads)
            try Self.write(0...last, to: writer, communicator)
            if last == 20 { try writer.close() }
        }
    }

    /// Frames of three components on a lattice with a basis, also where more steps are added: the bytes do not depend on ranks, and axes
    /// are those of H5MD.
    @Test func spinsOnALatticeWithABasis() throws {
        let height = 0.75.squareRoot()
        let honeycomb = try Lattice(
            name: "honeycomb", primitiveVectors: [[1.5, height], [1.5, -height]], basis: [[0, 0], [1.0 / 3, 1.0 / 3]],
            bonds: [[0, 0], [-1, 0], [0, -1]].map { .init(from: 0, to: 1, cell: $0) })
        let cell = try Supercell(honeycomb, size: [60, 50])
        @Sendable func plan(_ steps: Int) -> TrajectoryFile.Plan {
            TrajectoryFile.Plan(
                supercell: cell, kind: .spin, timeStep: 0.1, steps: steps, frameInterval: 2, fields: [.displacement, .density],
                observableInterval: 2, observables: [.kineticEnergy], recipe: "seed = 1\n", forceField: "model", modelDigest: "",
                seed: 7)
        }
        @Sendable func values(_ field: TrajectoryField, _ step: Int) -> [Double] {
            (0..<cell.siteCount * (field == .density ? 1 : 3)).map { sin(Double($0) * 0.37) + Double(step) }
        }
        func make(ranks: Int, _ pieces: [ClosedRange<Int>]) throws -> Folder {
            let folder = try Folder()
            _ = try ThreadCommunicator.run(ranks: ranks) { communicator in
                let partition = RowPartition(cell, rankCount: communicator.size)
                let layout = SlabLayout(
                    count: cell.siteCount, unit: partition.rowsPerUnit * partition.sitesPerRow,
                    units: partition.units(of: communicator.rank))
                for piece in pieces {
                    if piece.lowerBound == 0 {
                        try TrajectoryWriter.create(folder.trajectory, plan(piece.upperBound), communicator)
                    } else {
                        try TrajectoryWriter.extend(folder.trajectory, to: plan(piece.upperBound), layout: layout, communicator)
                    }
                    let writer = try TrajectoryWriter(
                        folder.trajectory, lattice: honeycomb, layout: layout, communicator: communicator,
                        pool: WorkerPool(threads: 1))
                    for step in piece {
                        // The writer uses a slab before it asks for the next.
                        let slab = UnsafeMutableBufferPointer<Double>.allocate(capacity: 3 * cell.siteCount)
                        defer { slab.deallocate() }
                        try writer.writeFrame(step: step) { field in
                            let own = layout.repeated(field == .density ? 1 : 3).range
                            _ = slab.update(fromContentsOf: values(field, step)[own])
                            return UnsafeBufferPointer(rebasing: slab.prefix(own.count))
                        }
                        try writer.writeSample(["kinetic_energy"], [Double(step)], step: step)
                    }
                    try writer.close()
                }
            }
            return folder
        }
        let folder = try make(ranks: 1, [0...6])
        for (ranks, pieces) in [(2, [0...6]), (1, [0...3, 4...6]), (3, [0...3, 4...6])] {
            let other = try make(ranks: ranks, pieces)
            #expect(try other.bytes(other.trajectory) == folder.bytes(folder.trajectory), "\(ranks) ranks, \(pieces)")
        }
        let file = try TrajectoryFile.open(folder.trajectory, lattice: honeycomb)
        #expect(file.kind == .spin && file.frameCount == 4)
        for (field, shape) in [(TrajectoryField.displacement, [50, 60, 2, 3]), (.density, [50, 60, 2])] {
            let frame = try file.field(field, frame: 2)
            #expect(frame.shape == shape && frame.values == values(field, 4))
        }
        let raw = try HDF5File.open(folder.trajectory)
        #expect(try raw.readDoubles("particles/sites/displacement/value").shape == [4, 6000, 3])
        #expect(try raw.readIntegersAttribute("shape", of: "particles/sites/displacement") == [50, 60, 2, 3])
        #expect(throws: StorageError.self) {
            try TrajectoryWriter.extend(
                folder.trajectory, to: Self.plan(), layout: SlabLayout(count: 6000, unit: 6000), SingleProcess())
        }
    }

    /// Goes on after a kill from the state of a step.
    func goOn(after step: Int, ranks: Int = 1) throws {
        let path = folder.trajectory
        _ = try ThreadCommunicator.run(ranks: ranks) { communicator in
            let writer = try Self.writer(path, communicator)
            #expect(writer.holdsRecords(through: step))
            try Self.write(step + 1...20, to: writer, communicator)
            try writer.close()
        }
    }

    func open() throws -> TrajectoryFile { try TrajectoryFile.open(folder.trajectory, lattice: Self.lattice) }

    /// Every number of every frame and sample that should be there.
    func expectRecords(through last: Int) throws {
        let file = try open()
        #expect(file.frameCount == last / 6 + 1 && file.sampleCount == last / 2 + 1)
        #expect(file.frameSteps == [0, 6, 12, 18] && file.sampleSteps == Array(stride(from: 0, through: 20, by: 2)))
        for index in 0..<file.frameCount {
            for field in [TrajectoryField.displacement, .velocity] {
                let values = try file.field(field, frame: index).values
                #expect(values == values.indices.map { Self.value(field, site: $0, step: 6 * index) })
            }
            #expect(try file.field(.density, frame: index).values.allSatisfy(\.isNaN))
        }
        #expect(try file.observable("order_parameter") == (0..<file.sampleCount).map { Double(2 * $0) })
        #expect(throws: StorageError.self) { try file.field(.force, frame: 0) }
        #expect(throws: StorageError.self) { try file.displacement(frame: file.frameCount) }
    }

    @Test func itIsReadableUnderWayAndAtTheEnd() throws {
        try run(through: 13)
        try expectRecords(through: 13)
        #expect(try !open().isMerged && !open().isComplete)
        #expect(try folder.names() == ["trajectory.frames", "trajectory.h5"])
        try goOn(after: 13)
        try expectRecords(through: 20)
        #expect(try open().isMerged && open().isComplete)
        #expect(try folder.names() == ["trajectory.h5"])
        let file = try HDF5File.open(folder.trajectory)
        #expect(try file.readRows("particles/sites/position", 299..<301).values == [299, 0, 0, 1])
        #expect(try file.readIntegers("particles/sites/velocity/step").values == [0, 6, 12, 18])
    }

    @Test func equalBytesForRanksThreadsAndKills() throws {
        let whole = try Folder()
        try run(through: 20, in: whole)
        let reference = try whole.bytes(whole.trajectory)
        for (ranks, threads) in [(1, 3), (2, 1), (3, 2), (4, 1)] {
            try TrajectoryWriter.remove(folder.trajectory)
            try run(through: 20, ranks: ranks, threads: threads)
            #expect(try folder.bytes(folder.trajectory) == reference, "\(ranks) ranks")
        }
        // Killed at step 13, gone on with from the checkpoint of step 5: frames 6 and 12 and five samples are written twice.
        for (ranks, others) in [(1, 1), (1, 3), (3, 1), (2, 4)] {
            try TrajectoryWriter.remove(folder.trajectory)
            try run(through: 13, ranks: ranks)
            try folder.put([1, 2, 3], folder.frames + "/0000000018.h5.partial")
            try goOn(after: 5, ranks: others)
            #expect(try folder.bytes(folder.trajectory) == reference, "\(ranks), then \(others) ranks")
            #expect(try folder.names() == ["trajectory.h5"])
        }
    }

    /// A run of fewer steps that is given more, before it has ended or after.
    @Test(arguments: [7, 8]) func moreSteps(last: Int) throws {
        let (whole, path) = (try Folder(), folder.trajectory)
        try run(through: 20, in: whole)
        _ = try ThreadCommunicator.run(ranks: 2) { communicator in
            try TrajectoryWriter.create(path, Self.plan(steps: 8), communicator)
            let writer = try Self.writer(path, communicator)
            try Self.write(0...last, to: writer, communicator)
            if last == 8 { try writer.close() }
        }
        #expect(try open().isMerged == (last == 8))
        _ = try ThreadCommunicator.run(ranks: 2) { communicator in
            try TrajectoryWriter.extend(path, to: Self.plan(), layout: Self.layout(communicator), communicator)
        }
        #expect(throws: StorageError.self) {
            try TrajectoryWriter.extend(path, to: Self.plan(steps: 8), layout: Self.layout(SingleProcess()), SingleProcess())
        }
        try expectRecords(through: last)
        try goOn(after: last, ranks: 3)
        #expect(try folder.bytes(path) == whole.bytes(whole.trajectory))
    }

    @Test func aMissingFrameEndsTheTrajectory() throws {
        try run(through: 13)
        try FileManager.default.removeItem(atPath: folder.frames + "/0000000006.h5")
        #expect(try open().frameCount == 1)
        #expect(try !open().holdsRecords(through: 13) && open().holdsRecords(through: 5))
        try FileManager.default.removeItem(atPath: folder.frames)
        #expect(try open().frameCount == 0)
    }

    /// What is written after the last ``TrajectoryWriter/flush()``, and with it the last checkpoint, a power cut may take.
    @Test(arguments: [[UInt8](), [0, 0, 0, 0]]) func aPowerCutTakesNothingThatACheckpointNeeds(left: [UInt8]) throws {
        let whole = try Folder()
        try run(through: 20, in: whole)
        try run(through: 7)
        let writer = try Self.writer(folder.trajectory, SingleProcess())
        try Self.write(8...19, to: writer, SingleProcess(), flushes: false)
        for frame in ["12", "18"] { try folder.put(left, folder.frames + "/00000000\(frame).h5") }
        #expect(throws: StorageError.self) { try open().displacement(frame: 2) }
        try goOn(after: 7)
        #expect(try folder.bytes(folder.trajectory) == whole.bytes(whole.trajectory))
    }

    /// The disk holds a frame when, and not before, something relies on it.
    @Test func framesWaitForTheDiskTogether() throws {
        var files = UnsyncedFiles()
        let path = folder.path + "/some"
        try AtomicFile.replace(path, waits: false) { try folder.put([1, 2], $0) }
        files.append(path)
        files.append(path)
        try files.synchronize()
        #expect(try folder.bytes(path) == [1, 2])
        // One that is gone is an error, once; afterwards it is still remembered.
        files.append(path)
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: StorageError.self) { try files.synchronize() }
        try folder.put([3], path)
        try files.synchronize()
    }

    @Test func framesOfAnotherRunAreNotTakenForItsOwn() throws {
        try run(through: 13)
        try FileManager.default.removeItem(atPath: folder.trajectory)
        try run(through: 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.frames).count == 2)
        try FileManager.default.copyItem(
            atPath: folder.frames + "/0000000000.h5", toPath: folder.frames + "/0000000006.h5")
        try goOn(after: 3)
        try expectRecords(through: 20)
    }

    @Test func aKillInTheMergeIsHarmless() throws {
        let whole = try Folder()
        try run(through: 20, in: whole)
        let reference = try whole.bytes(whole.trajectory)
        // Before the rename: the new file is there in part, under its temporary name.
        try run(through: 19)
        try folder.put(Array(reference[..<1000]), folder.trajectory + ".partial")
        try expectRecords(through: 19)
        try goOn(after: 17, ranks: 2)
        #expect(try folder.bytes(folder.trajectory) == reference)
        #expect(try folder.names() == ["trajectory.h5"])
        // After it: the frames are still there, and are not looked at.
        try FileManager.default.createDirectory(atPath: folder.frames, withIntermediateDirectories: false)
        try folder.put([], folder.frames + "/0000000006.h5")
        try expectRecords(through: 20)
        #expect(throws: StorageError.self) { try Self.writer(folder.trajectory, SingleProcess()) }
        try TrajectoryWriter.removeLeftovers(of: folder.trajectory)
        #expect(try folder.names() == ["trajectory.h5"])
    }

    @Test func aDamagedFrameIsRefused() throws {
        try run(through: 13)
        let path = folder.frames + "/0000000012.h5"
        let good = try folder.bytes(path)
        let values = try open().displacement(frame: 2).values
        let random = RandomStream(seed: 3, purpose: .testing)
        var refused = 0
        for trial in 0..<60 {
            var bad = good
            if trial % 3 == 0 {
                bad.removeLast(1 + random.permutation(of: good.count, step: trial)[0])
            } else {
                bad[random.permutation(of: good.count, step: trial)[0]] ^= 0x20
            }
            try folder.put(bad, path)
            do { #expect(try open().displacement(frame: 2).values == values) } catch is StorageError { refused += 1 }
        }
        #expect(refused > 30)
        // It is not merged either; what is there stays.
        var bad = good
        bad[good.count / 4] ^= 1
        try folder.put(bad, path)
        let error = #expect(throws: StorageError.self) { try goOn(after: 13) }
        #expect(error?.kind == .malformed && error?.path == path)
        #expect(try folder.names() == ["trajectory.frames", "trajectory.h5"])
        try folder.put(good, path)
        try goOn(after: 13)
        try expectRecords(through: 20)
    }

    @Test func damagedMergedFilesAreRefused() throws {
        try run(through: 20)
        let good = try folder.bytes(folder.trajectory)
        func read() throws -> [[Double]] {
            let file = try open()
            return try (0..<4).map { try file.displacement(frame: $0).values } + Self.names.map { try file.observable($0) }
        }
        let values = try read()
        let random = RandomStream(seed: 5, purpose: .testing)
        var refused = 0
        for trial in 0..<60 {
            var bad = good
            bad[random.permutation(of: good.count, step: trial)[0]] ^= 0x20
            try folder.put(bad, folder.trajectory)
            do { #expect(try read() == values) } catch is StorageError { refused += 1 }
        }
        #expect(refused > 10)
    }
}
