import Foundation
import Storage
import Testing

@Suite struct HDF5ChunksTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("chunks.h5")
    }

    static let values = (0..<230).map { sin(Double($0)) * exp(-Double($0) / 50) }

    /// A dataset of two rows in chunks of 100 values, of which there are three in a row.
    static func writeExample(_ path: String) throws {
        try AtomicFile.replace(path) { temporary in
            let file = try HDF5File.create(temporary, version: .v110)
            try file.createCompressed("a/value", shape: [2, 230], chunk: [1, 100])
            for (row, begin) in [(0, 0), (0, 100), (0, 200), (1, 0), (1, 100), (1, 200)] {
                let chunk = values[begin..<min(begin + 100, 230)].map { $0 + Double(row) }
                let bytes = chunk.withUnsafeBufferPointer { CompressedChunk.compress($0, count: 100) }
                #expect(CompressedChunk.isIntact(bytes, count: 100))
                try file.writeChunks("a/value", [(offset: [row, begin], bytes: bytes)])
            }
            try file.writeAttribute("name", of: "a", "example")
            try file.close()
        }
    }

    @Test func theLibraryReadsWhatIsCompressedHere() throws {
        try Self.writeExample(path)
        let file = try HDF5File.open(path)
        #expect(try file.readDoubles("a/value").values == Self.values + Self.values.map { $0 + 1 })
        #expect(try file.readRows("a/value", 1..<2).values == Self.values.map { $0 + 1 })
        #expect(try file.readRows("a/value", 1..<2).shape == [1, 230])
    }

    @Test func chunksAreCopiedAsTheyAre() throws {
        try Self.writeExample(path)
        let source = try HDF5File.open(path)
        let copy = folder.file("copy.h5")
        let target = try HDF5File.create(copy, version: .v110)
        try target.createCompressed("b", shape: [230], chunk: [100])
        let begins = [0, 100, 200]
        let chunks = try source.readChunks("a/value", offsets: begins.map { [1, $0] })
        try target.writeChunks("b", zip(begins, chunks).map { (offset: [$0], bytes: $1) })
        try target.close()
        #expect(try HDF5File.open(copy).readDoubles("b").values == Self.values.map { $0 + 1 })
    }

    @Test func damageIsNoticed() throws {
        try Self.writeExample(path)
        let whole = try contents(of: path)
        let good = try HDF5File.open(path).readDoubles("a/value").values
        var (refused, harmless) = (0, 0)
        for index in whole.indices where index % 11 == 0 {
            var damaged = whole
            damaged[index] ^= 0x10
            try put(damaged, at: path)
            do {
                #expect(try HDF5File.open(path).readDoubles("a/value").values == good, "byte \(index)")
                harmless += 1
            } catch is StorageError {
                refused += 1
            }
        }
        #expect(refused > harmless, "\(refused) refused, \(harmless) harmless")
        for length in stride(from: 0, to: whole.count, by: 53) {
            try put(whole[..<length], at: path)
            #expect(try kind { _ = try HDF5File.open(path).readDoubles("a/value") } == .malformed)
        }
    }

    @Test func manyDamagedBytesDoNotCrash() throws {
        try Self.writeExample(path)
        let whole = try contents(of: path)
        _ = try refusals(of: whole, damaged: 300, seed: 3, at: path) {
            let file = try HDF5File.open($0)
            _ = try file.readDoubles("a/value")
            _ = try file.readChunks("a/value", offsets: [[0, 100]])
        }
    }

    @Test func linksToOtherFilesAreNotFollowed() throws {
        let file = try HDF5File.create(folder.file("all.h5"), version: .v110)
        let rows = (0..<3).map { HDF5File.RowSource(file: "rows/\($0).h5", dataset: "value") }
        try file.createVirtual("all/value", rows: rows, row: [4])
        #expect(try file.shape(of: "all/value") == [3, 4])
        #expect(try kind { _ = try file.readDoubles("all/value") } == .malformed)
        try file.close()
        let other = try HDF5File.create(path)
        try other.write([1.0], shape: [1], to: "a/here")
        try other.linkExternally(file: "all.h5", "all/value", to: "a/there")
        try other.close()
        let found = try HDF5File.open(path)
        #expect(try found.children(of: "a") == ["here"])
        #expect(try kind { _ = try found.readDoubles("a/there") } == .malformed)
    }

    @Test func sealedNumbersAreVerified() throws {
        let file = try HDF5File.create(path)
        try file.write([1.0, 2, 3], shape: [3], to: "real")
        try file.write([1, 2, 3], shape: [3], to: "whole")
        try file.write([4.0], shape: [1], to: "open")
        for name in ["real", "whole"] { try file.seal(name) }
        try file.close()
        let whole = try contents(of: path)
        func read(_ path: String) throws {
            let file = try HDF5File.open(path)
            #expect(try file.readDoubles("real").values == [1, 2, 3])
            #expect(try file.readIntegers("whole").values == [1, 2, 3])
        }
        try read(path)
        var refused = 0
        for index in whole.indices where index % 3 == 0 {
            var damaged = whole
            damaged[index] ^= 0x04
            try put(damaged, at: path)
            do { try read(path) } catch is StorageError { refused += 1 }
        }
        #expect(refused > 16)
    }

    @Test func groupsAreCopied() throws {
        try HDF5FileTests.writeExample(path)
        let copy = folder.file("copy.h5")
        let target = try HDF5File.create(copy, version: .v110)
        let source = try HDF5File.open(path)
        try target.copy("particles", from: source)
        try target.copy("h5md", from: source)
        try target.close()
        let found = try HDF5File.open(copy)
        #expect(try found.readIntegers("particles/all/force/step").values == [7, -8, .max])
        #expect(try found.readIntegersAttribute("version", of: "h5md") == [1, 1])
        let again = folder.file("again.h5")
        let other = try HDF5File.create(again, version: .v110)
        try other.copy("particles", from: source)
        try other.copy("h5md", from: source)
        try other.close()
        #expect(try contents(of: copy) == contents(of: again))
        #expect(try kind { try HDF5File.create(folder.file("none.h5")).copy("absent", from: source) } == .missing)
    }
}
