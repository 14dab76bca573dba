import Foundation
import Storage
import Testing

@Suite struct SafetensorsTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("model.safetensors")
    }

    static let recipe = "# \"recipe\"\n[model]\r\n\tpath = 'C:\\x'\u{0}\u{1f}\nname = \"ψ 𝛾\"\n"

    var example: Safetensors {
        Safetensors(
            tensors: [
                .init(name: "z.weight", shape: [3], values: .float32([1, -0.5, .infinity])),
                .init(name: "a", shape: [2, 2], values: .float64([0.1, 1e-300, -.pi, 4])),
                .init(name: "step", shape: [], values: .int64([.min])),
                .init(name: "empty", shape: [0, 7], values: .float64([])),
            ],
            metadata: ["recipe": Self.recipe, "architecture": "published", "": ""])
    }

    /// A file with this JSON header and so many bytes of numbers.
    func file(_ header: String, payload: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
            + [UInt8](repeating: 0, count: payload)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        try example.write(to: path)
        let read = try Safetensors(contentsOf: path)
        #expect(read == example)
        #expect(read.tensors.map(\.name) == ["z.weight", "a", "step", "empty"])
        #expect(read.path == path)
    }

    @Test func theBytesDependOnNothingButTheContents() throws {
        let first = example.serialized()
        for _ in 0..<10 { #expect(example.serialized() == first) }
        let small = Safetensors(
            tensors: [.init(name: "a", shape: [1], values: .float32([1]))], metadata: ["b": "\"", "a": "\u{1}"])
        let header =
            #"{"__metadata__":{"a":"\u0001","b":"\""},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.count % 8) % 8)
        #expect([UInt8](small.serialized()) == file(padded, payload: 0) + [0, 0, 0x80, 0x3f])
    }

    @Test func anEmptyFileIsAllowed() throws {
        try Safetensors(tensors: []).write(to: path)
        #expect(try Safetensors(contentsOf: path) == Safetensors(tensors: []))
    }

    @Test func tensorsAreGivenByNameTypeAndShape() throws {
        try example.write(to: path)
        let read = try Safetensors(contentsOf: path)
        #expect(try read.doubles("a", shape: [2, 2])[2] == -.pi)
        #expect(try read.floats("z.weight") == [1, -0.5, .infinity])
        #expect(try read.integers("step", shape: []) == [.min])
        #expect(read["absent"] == nil)
        #expect(try read.metadataValue("recipe") == Self.recipe)
        #expect(try kind { _ = try read.doubles("absent") } == .missing)
        #expect(try kind { _ = try read.doubles("z.weight") } == .wrongType)
        #expect(try kind { _ = try read.integers("a") } == .wrongType)
        #expect(try kind { _ = try read.doubles("a", shape: [4]) } == .wrongShape)
        #expect(try kind { _ = try read.metadataValue("absent") } == .missing)
        let error = #expect(throws: StorageError.self) { try read.validateFinite() }
        #expect(error?.description == "\(path): tensor 'z.weight' holds inf at index [2]; only finite numbers are allowed")
    }

    @Test func escapesOfOtherWritersAreUnderstood() throws {
        try put(file(#"{"__metadata__": {"k" : "\u00e9\ud835\udefe\/\b\f\n\r\t"}} "#, payload: 0), at: path)
        #expect(try Safetensors(contentsOf: path).metadata == ["k": "é𝛾/\u{8}\u{c}\n\r\t"])
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, 4, StorageError.Kind.wrongType),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, .malformed),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, .malformed),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, .malformed),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, .malformed),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, .malformed),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, .malformed
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
                + #""a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, .malformed
        ),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, .malformed),
        (#"{"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#, 0, .malformed),
        (#"{"a":{"dtype":"F32","shape":[1e3],"data_offsets":[0,4]}}"#, 4, .malformed),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, .malformed),
        (#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, 4, .malformed),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, .malformed),
        (#"{"__metadata__":{"a":1}}"#, 0, .malformed),
        (#"{"__metadata__":{"a":"\ud800"}}"#, 0, .malformed),
        (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, .malformed),
        (#"{"__metadata__":{"a":"1"}"#, 0, .malformed),
        (#"[[[["#, 0, .malformed),
        (#"{} {}"#, 0, .malformed),
    ])
    func headersThatLieAreRefused(header: String, payload: Int, expected: StorageError.Kind) throws {
        try put(file(header, payload: payload), at: path)
        #expect(try kind { _ = try Safetensors(contentsOf: path) } == expected)
    }

    @Test func headersThatClaimTooMuchAreRefused() throws {
        for length in [3, 1 << 20, 1 << 40, UInt64.max] {
            try put(withUnsafeBytes(of: length.littleEndian, Array.init) + Array("{}".utf8), at: path)
            #expect(try kind { _ = try Safetensors(contentsOf: path) } == .malformed)
        }
    }

    @Test func damageIsNoticedOrHarmless() throws {
        let whole = [UInt8](example.serialized())
        try expectEveryTruncationRefused(whole, at: path) { _ = try Safetensors(contentsOf: $0) }
        let refused = try refusals(of: whole, damaged: 3000, seed: 2, at: path) { _ = try Safetensors(contentsOf: $0) }
        #expect(refused > 1000)
    }
}
