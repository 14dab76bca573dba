import Storage
import Testing

@Suite struct HDF5RowsTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("trajectory.h5")
    }

    @Test func numbersThatAreNotFiniteAreRefusedUnlessTheyAreUndefined() throws {
        let file = try HDF5File.create(path)
        try file.createReserved("value", shape: [2], type: .float64)
        try file.writeRow("value", index: 0, [Double.nan], nonFinite: .undefined)
        try file.write([1, Double.nan], shape: [2], to: "undefined", nonFinite: .undefined)
        let writes: [() throws -> Void] = [
            { try file.writeRow("value", index: 1, [Double.nan]) },
            { try file.writeRow("value", index: 1, [Double.infinity], nonFinite: .undefined) },
            { try file.writeRows("value", from: 0, [1, -.infinity]) },
            { try file.write([0, Float.nan, 0], shape: [3], to: "single") },
            { try file.write([0, 0, 0, Double.infinity], shape: [2, 2], to: "array") },
        ]
        for write in writes {
            let error = #expect(throws: StorageError.self) { try write() }
            #expect(error?.kind == .notFinite && error?.path == path)
        }
        #expect(try file.readRows("value", 0..<2).values[1] == 0)
        #expect(try !file.exists("single") && !file.exists("array"))
    }

    @Test func rowsAreOverwrittenInPlace() throws {
        let file = try HDF5File.create(path)
        try file.createReserved("value", shape: [4, 2, 3], type: .float64)
        try file.createReserved("step", shape: [4], type: .int64)
        try file.createReserved("small", shape: [4, 2], type: .float32)
        try file.flush()
        let before = try contents(of: path)
        try file.writeRow("value", index: 2, [1, 2, 3, 4, 5, 6.0])
        try file.writeRow("step", index: 3, [17])
        try file.writeRow("small", index: 0, [0.5, 0.1])
        try file.flush()
        let after = try contents(of: path)
        #expect(try file.readRows("value", 1..<3).values == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6])
        #expect(try file.readRows("value", 1..<3).shape == [2, 2, 3])
        #expect(try file.readRows("value", 4..<4).shape == [0, 2, 3])
        #expect(try file.readIntegerRows("step", 2..<4).values == [0, 17])
        #expect(try file.readRows("small", 0..<1).values == [0.5, Double(Float(0.1))])
        // Nothing but the numbers has changed: six doubles, one integer and two floats have bytes other than zero.
        #expect(before.count == after.count)
        let changed = zip(before, after).filter { $0 != $1 }
        #expect(changed.allSatisfy { $0.0 == 0 })
        #expect((9...9 * 8).contains(changed.count))
    }

    @Test func reservedSpaceIsInTheFileAtOnce() throws {
        let file = try HDF5File.create(path)
        try file.createReserved("value", shape: [1000, 100], type: .float64)
        try file.flush()
        #expect(try contents(of: path).count >= 800_000)
    }

    @Test func aFileUnderWayCanBeReadAndGoneOnWith() throws {
        let writer = try HDF5File.create(path)
        try writer.createReserved("value", shape: [3, 2], type: .float64)
        try writer.flush()
        try writer.writeRow("value", index: 0, [1.0, 2.0])
        // What another process would find if this one were killed now.
        let copy = folder.file("copy.h5")
        try put(contents(of: path), at: copy)
        let file = try HDF5File.open(copy, .readWrite)
        #expect(try file.readDoubles("value").values == [1, 2, 0, 0, 0, 0])
        try file.writeRow("value", index: 1, [3.0, 4.0])
        try file.close()
        #expect(try HDF5File.open(copy).readDoubles("value").values == [1, 2, 3, 4, 0, 0])
    }

    @Test func rowsThatDoNotFitAreRefused() throws {
        let file = try HDF5File.create(path)
        try file.createReserved("value", shape: [3, 2], type: .float64)
        try file.createReserved("step", shape: [3], type: .int64)
        try file.write([1.0], shape: [], to: "number")
        try file.createReserved("line", shape: [3], type: .float64)
        try file.writeRows("line", from: 1, [4, 5])
        #expect(try file.readDoubles("line").values == [0, 4, 5])
        #expect(try kind { try file.writeRows("line", from: 2, [4, 5]) } == .wrongShape)
        #expect(try kind { try file.writeRow("value", index: 3, [1.0, 2.0]) } == .wrongShape)
        #expect(try kind { try file.writeRow("value", index: -1, [1.0, 2.0]) } == .wrongShape)
        #expect(try kind { try file.writeRow("value", index: 0, [1.0]) } == .wrongShape)
        #expect(try kind { try file.writeRow("value", index: 0, [1, 2] as [Int]) } == .wrongType)
        #expect(try kind { try file.writeRow("step", index: 0, [1.0]) } == .wrongType)
        #expect(try kind { try file.writeRow("number", index: 0, [1.0]) } == .wrongShape)
        #expect(try kind { try file.writeRow("absent", index: 0, [1.0]) } == .missing)
        #expect(try kind { _ = try file.readRows("value", 2..<4) } == .wrongShape)
        #expect(try kind { _ = try file.readRows("step", 0..<1) } == .wrongType)
    }
}
