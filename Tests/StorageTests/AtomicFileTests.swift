import Foundation
import Storage
import Testing

@Suite struct AtomicFileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("result.json")
    }

    struct Interruption: Error {}

    @Test func theFileIsReplaced() throws {
        try AtomicFile.write("one", to: path)
        try AtomicFile.write(Data("two".utf8), to: path)
        #expect(try contents(of: path) == Array("two".utf8))
        try AtomicFile.write([UInt8](), to: path)
        #expect(try contents(of: path) == [])
        #expect(try folder.names() == ["result.json"])
    }

    @Test func aFailureLeavesTheOldFile() throws {
        try AtomicFile.write("old", to: path)
        #expect(throws: Interruption.self) {
            try AtomicFile.replace(path) { temporaryPath in
                try put(Array("half of the n".utf8), at: temporaryPath)
                #expect(try folder.names() == ["result.json", "result.json.partial"])
                throw Interruption()
            }
        }
        #expect(try contents(of: path) == Array("old".utf8))
        #expect(try folder.names() == ["result.json"])
    }

    @Test func leftoversOfAKilledProcessAreNoHindrance() throws {
        try put(Array("rubbish".utf8), at: path + ".partial")
        try AtomicFile.write("new", to: path)
        #expect(try contents(of: path) == Array("new".utf8))
        #expect(try folder.names() == ["result.json"])
    }

    @Test func aRelativePathIsInTheCurrentFolder() throws {
        let name = "adiabat-atomic-test-\(UUID().uuidString)"
        defer { unlink(name) }
        try AtomicFile.write("here", to: name)
        #expect(try contents(of: name) == Array("here".utf8))
    }

    @Test func foldersAndDevicesAreNotReplaced() throws {
        #expect(try kind { try AtomicFile.write("x", to: folder.path) } == .unwritable)
        #expect(try kind { try AtomicFile.write("x", to: "/dev/null") } == .unwritable)
        let error = #expect(throws: StorageError.self) { try AtomicFile.write("x", to: folder.file("absent/result.json")) }
        #expect(error?.kind == .unwritable)
        #expect(error?.path == folder.file("absent/result.json"))
    }

    @Test func digestsAreThoseOfTheStandard() throws {
        // FIPS 180-4, examples; the second is longer than the piece that is read at a time.
        #expect(Digest.sha256(of: Data("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest.sha256(of: Data()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000)
        try put(long, at: path)
        #expect(try Digest.sha256(ofFile: path) == Digest.sha256(of: long))
        try put(long[..<1_000_000], at: path)
        #expect(try Digest.sha256(ofFile: path) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(try kind { _ = try Digest.sha256(ofFile: folder.file("absent")) } == .missing)
    }
}
