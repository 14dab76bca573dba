import Foundation
import Storage
import Testing

@Suite struct FileIdentityTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aFileIsTheSameByAnyPath() throws {
        let path = folder.file("model")
        try put([1, 2, 3], at: path)
        try FileManager.default.createDirectory(atPath: folder.file("below"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "model")
        try FileManager.default.createSymbolicLink(atPath: folder.file("door"), withDestinationPath: "below")
        try FileManager.default.linkItem(atPath: path, toPath: folder.file("hard"))
        for other in ["link", "hard", "./model", "below/../model", "door/../model"] {
            #expect(FileIdentity(folder.file(other)) == FileIdentity(path), "\(other)")
        }
        #expect(FileIdentity(folder.file("another")) != FileIdentity(path))
        // Files that are not there yet.
        #expect(FileIdentity(folder.file("door/new")) == FileIdentity(folder.file("below/new")))
        #expect(FileIdentity(folder.file("new")) != FileIdentity(folder.file("below/new")))
    }

    @Test func outputsOverwriteNeitherInputsNorOneAnother() throws {
        func refusal(_ outputs: [(String, String)]) throws -> String? {
            do {
                try AtomicFile.requireSeparate(
                    outputs: outputs.map { ($0.0, folder.file($0.1)) }, inputs: [("--input", folder.file("Q.npy"))])
                return nil
            } catch { return "\(error)" }
        }
        try put([1], at: folder.file("Q.npy"))
        #expect(try refusal([("--output", "F.npy"), ("--density", "n.npy")]) == nil)
        #expect(try refusal([("--output", "Q.npy")])?.contains("--input, which is read") == true)
        #expect(try refusal([("--output", "F.npy"), ("--density", "F.npy")])?.contains("--output, which is written") == true)
        // What is written first has another name.
        try put([1], at: folder.file("Q.npy.partial"))
        #expect(try refusal([("--output", "F.npy"), ("--density", "F.npy.partial")]) != nil)
    }
}
