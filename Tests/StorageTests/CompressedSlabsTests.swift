import Communication
import Foundation
import LatticeNumerics
import Storage
import Testing

@Suite struct CompressedSlabsTests {
    static let count = 1003
    static let unit = 100

    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("frame.h5")
    }

    static func value(_ index: Int) -> Double { sin(Double(index)) + Double(index / 50) }

    static func write(_ path: String, _ communicator: any Communicator, threads: Int = 1) throws {
        let layout = SlabCheckpointTests.layout(communicator)
        let values = layout.range.map(value)
        try values.withUnsafeBufferPointer { slab in
            try CompressedSlabs.write(
                to: path, arrays: ["displacement", "density"], attributes: ["step": 12], layout: layout,
                communicator: communicator, pool: WorkerPool(threads: threads)
            ) { $0 == "density" ? nil : slab }
        }
    }

    @Test func equalBytesForAnyRanksAndThreads() throws {
        try Self.write(path, SingleProcess())
        let reference = try contents(of: path)
        let file = try HDF5File.open(path)
        #expect(try file.readDoubles("displacement").values == (0..<Self.count).map(Self.value))
        #expect(try file.readDoubles("density").values.allSatisfy(\.isNaN))
        #expect(try file.readDoubles("density").shape == [Self.count])
        #expect(try file.readIntegerAttribute("step", of: "/") == 12)
        try file.close()
        for (ranks, threads) in [(1, 3), (2, 1), (3, 2), (4, 1)] {
            let path = path
            _ = try ThreadCommunicator.run(ranks: ranks) { try Self.write(path, $0, threads: threads) }
            #expect(try contents(of: path) == reference)
            #expect(try folder.names() == ["frame.h5"])
        }
    }

    @Test func itFailsOnAllRanksAlike() throws {
        let path = folder.file("absent/frame.h5")
        let errors = try ThreadCommunicator.run(ranks: 3) { communicator in
            do { try Self.write(path, communicator) } catch { return "\(error)" }
            return ""
        }
        #expect(Set(errors).count == 1 && errors[0].hasPrefix(path + ": "), "\(errors)")
    }

    /// On all ranks alike, though one alone has the number.
    @Test func numbersThatAreNotFiniteAreRefused() throws {
        for value in [Double.nan, .infinity] {
            let path = path
            let errors = try ThreadCommunicator.run(ranks: 3) { communicator in
                let layout = SlabCheckpointTests.layout(communicator)
                let values = layout.range.map { $0 == 700 ? value : Self.value($0) }
                do {
                    try values.withUnsafeBufferPointer { slab in
                        try CompressedSlabs.write(
                            to: path, arrays: ["force"], layout: layout, communicator: communicator,
                            pool: WorkerPool(threads: 2)
                        ) { _ in slab }
                    }
                } catch let error as StorageError { return error.kind.rawValue + error.problem }
                return ""
            }
            #expect(Set(errors).count == 1 && errors[0].hasPrefix("notFinite'force'"), "\(errors)")
            #expect(try folder.names().isEmpty)
        }
    }
}
