import Foundation
import Storage
import Testing

@Suite struct NPYArrayTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("array.npy")
    }

    /// A file of format version 1.0 (or `version`) with this header and these numbers.
    func file(_ header: String, version: UInt8 = 1, _ payload: [UInt8]) -> [UInt8] {
        let length = header.utf8.count
        let lengthBytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(length >> (8 * $0) & 0xff) }
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(header.utf8) + payload
    }

    func bytes<Number>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes(Array.init) }

    @Test(arguments: [[], [6], [2, 3], [1, 3, 2], [0, 4]])
    func whatIsWrittenIsReadBack(shape: [Int]) throws {
        let values = (0..<shape.reduce(1, *)).map { Double($0) / 3 - 1 }
        try NPYArray(shape: shape, values: values).write(to: path)
        let array = try NPYArray(contentsOf: path)
        #expect(array.shape == shape)
        #expect(array.values == values)
    }

    @Test func theBytesAreNumPys() throws {
        try NPYArray(shape: [2, 1], values: [1, -2]).write(to: path)
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }"
        let padded = header + String(repeating: " ", count: 128 - 10 - header.count - 1) + "\n"
        #expect(try contents(of: path) == file(padded, bytes([1.0, -2.0])))
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func everyVersionIsRead(version: UInt8) throws {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n"
        try put(file(header, version: version, bytes([0.5, -0.25, 8] as [Float])), at: path)
        #expect(try NPYArray(contentsOf: path).values == [0.5, -0.25, 8])
    }

    @Test func fortranOrderIsTransposed() throws {
        // Element (i, j, k) of shape (2, 3, 4) is 100 i + 10 j + k; the first axis runs fastest in the file.
        var stored = [Double](repeating: 0, count: 24)
        var expected = stored
        for i in 0..<2 {
            for j in 0..<3 {
                for k in 0..<4 {
                    let element = Double(100 * i + 10 * j + k)
                    stored[i + 2 * (j + 3 * k)] = element
                    expected[(i * 3 + j) * 4 + k] = element
                }
            }
        }
        try put(file("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 4), }\n", bytes(stored)), at: path)
        #expect(try NPYArray(contentsOf: path).values == expected)
    }

    @Test func theFirstNumberThatIsNotFiniteIsNamed() throws {
        var values = [Double](repeating: 1, count: 12)
        try NPYArray(shape: [3, 4], values: values).validateFinite()
        values[6] = .nan
        values[11] = .infinity
        let refusal = #expect(throws: StorageError.self) { try NPYArray(shape: [3, 4], values: values).write(to: path) }
        #expect(refusal?.kind == .notFinite && refusal?.description.contains("[1, 2]") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
        try NPYArray(shape: [3, 4], values: values).write(to: path, nonFinite: .kept)
        let error = #expect(throws: StorageError.self) { try NPYArray(contentsOf: path).validateFinite() }
        #expect(error?.description.contains("[1, 2]") == true)
        #expect(error?.path == path)
    }

    @Test(arguments: [
        ("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", StorageError.Kind.wrongType),
        ("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", .wrongType),
        ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", .wrongType),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (), 'shape': (1,), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }", .malformed),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x", .malformed),
        ("{'descr': '<f8", .malformed),
        ("{'descr': [[[", .malformed),
        ("", .malformed),
    ])
    func headersThatLieAreRefused(header: String, expected: StorageError.Kind) throws {
        try put(file(header, bytes([1.0])), at: path)
        #expect(try kind { _ = try NPYArray(contentsOf: path) } == expected)
    }

    @Test func whatIsNoArrayFileIsRefused() throws {
        #expect(try kind { _ = try NPYArray(contentsOf: folder.file("absent.npy")) } == .missing)
        #expect(try kind { _ = try NPYArray(contentsOf: folder.path) } == .unreadable)
        try put(Array("a,b\n1,2\n".utf8), at: path)
        #expect(try kind { _ = try NPYArray(contentsOf: path) } == .malformed)
        try put(file("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", version: 9, bytes([1.0])), at: path)
        #expect(try kind { _ = try NPYArray(contentsOf: path) } == .malformed)
    }

    @Test func damageIsNoticedOrHarmless() throws {
        try NPYArray(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]).write(to: path)
        let whole = try contents(of: path)
        try expectEveryTruncationRefused(whole, at: path) { _ = try NPYArray(contentsOf: $0) }
        try put(whole + [0], at: path)
        #expect(try kind { _ = try NPYArray(contentsOf: path) } == .malformed)
        let refused = try refusals(of: whole, damaged: 3000, seed: 1, at: path) { _ = try NPYArray(contentsOf: $0) }
        #expect(refused > 1000)
    }
}
