import Foundation
import Storage
import Testing

@Suite struct HDF5FileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("trajectory.h5")
    }

    /// A small file with one of everything.
    static func writeExample(_ path: String) throws {
        let file = try HDF5File.create(path)
        try file.createGroup("h5md/author")
        try file.writeAttribute("version", of: "h5md", [1, 1])
        try file.writeAttribute("name", of: "/h5md/author", "Ψ")
        try file.writeAttribute("recipe", of: "/", "[model]\nname = \"holstein\"\n")
        try file.writeAttribute("boundary", of: "/", ["periodic", "none", ""])
        try file.writeAttribute("time step", of: "/", 0.02)
        try file.writeAttribute("axes", of: "/", [0.5, -1, .infinity])
        try file.writeAttribute("seed", of: "/", Int.min)
        try file.write([1.5, -2, 3, 4, 5, .pi], shape: [2, 3], to: "particles/all/position/value")
        try file.write([0.5, 0.25] as [Float], shape: [2], to: "particles/all/position/time")
        try file.write([7, -8, Int.max], shape: [3], to: "particles/all/position/step")
        try file.write(["one", "", "drei €"], to: "names")
        try file.write("a single text", to: "title")
        try file.write([42.0], shape: [], to: "number")
        try file.write([Double](), shape: [0, 3], to: "empty")
        try file.createReserved("observables/energy", shape: [3, 2], type: .float64)
        try file.link(from: "particles/all/position/step", to: "particles/all/force/step")
        try file.close()
    }

    /// The locks of the operating system that HDF5 programs take by default: a reader's and a writer's.
    @Test(arguments: [LOCK_SH, LOCK_EX]) func locksOfOthersAreNoObstacle(_ lock: Int32) throws {
        try Self.writeExample(path)
        let other = Foundation.open(path, O_RDWR | O_CLOEXEC)
        defer { Foundation.close(other) }
        // Held before.
        #expect(flock(other, lock) == 0)
        for access in [HDF5File.Access.readOnly, .readWrite] { try HDF5File.open(path, access).close() }
        try Self.writeExample(path)
        // Taken after.
        #expect(flock(other, LOCK_UN) == 0)
        let file = try HDF5File.open(path, .readWrite)
        #expect(flock(other, lock | LOCK_NB) == 0)
        try file.close()
    }

    /// Reads all there is in a file.
    static func readAll(_ path: String) throws {
        let file = try HDF5File.open(path)
        func readAttributes(of object: String) throws {
            for name in try file.attributeNames(of: object) {
                let kinds = [
                    try kind { _ = try file.readStringsAttribute(name, of: object) },
                    try kind { _ = try file.readDoublesAttribute(name, of: object) },
                    try kind { _ = try file.readIntegersAttribute(name, of: object) },
                ]
                #expect(kinds.filter { $0 == nil }.count <= 1)
            }
        }
        func readGroup(_ group: String, depth: Int) throws {
            try readAttributes(of: group)
            for child in try file.children(of: group) {
                let object = group + "/" + child
                if try file.isGroup(object) {
                    // Damage may turn the groups into a ring.
                    if depth < 8 { try readGroup(object, depth: depth + 1) }
                    continue
                }
                try readAttributes(of: object)
                switch try file.elementType(of: object) {
                case .float32, .float64: _ = try file.readDoubles(object)
                case .int32, .int64: _ = try file.readIntegers(object)
                default: _ = try file.readStrings(object)
                }
            }
        }
        try readGroup("/", depth: 0)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        try Self.writeExample(path)
        let file = try HDF5File.open(path)
        let value = try file.readDoubles("particles/all/position/value")
        #expect(value.values == [1.5, -2, 3, 4, 5, .pi])
        #expect(value.shape == [2, 3])
        #expect(try file.readDoubles("/particles/all/position/time").values == [0.5, 0.25])
        #expect(try file.readIntegers("particles/all/position/step").values == [7, -8, .max])
        #expect(try file.readStrings("names") == ["one", "", "drei €"])
        #expect(try file.readStrings("title") == ["a single text"])
        #expect(try file.readDoubles("number").shape == [])
        #expect(try file.readDoubles("empty").shape == [0, 3])
        #expect(try file.readDoubles("observables/energy").values == [0, 0, 0, 0, 0, 0])
        #expect(try file.shape(of: "observables/energy") == [3, 2])
        #expect(try file.elementType(of: "particles/all/position/time") == .float32)
        #expect(try file.elementType(of: "particles/all/position/value") == .float64)
        #expect(try file.elementType(of: "particles/all/position/step") == .int64)
    }

    @Test func attributesAreReadBack() throws {
        try Self.writeExample(path)
        let file = try HDF5File.open(path)
        #expect(try file.attributeNames(of: "/") == ["axes", "boundary", "recipe", "seed", "time step"])
        #expect(try file.readIntegersAttribute("version", of: "h5md") == [1, 1])
        #expect(try file.readStringAttribute("name", of: "h5md/author") == "Ψ")
        #expect(try file.readStringAttribute("recipe", of: "/") == "[model]\nname = \"holstein\"\n")
        #expect(try file.readStringsAttribute("boundary", of: "/") == ["periodic", "none", ""])
        #expect(try file.readDoubleAttribute("time step", of: "/") == 0.02)
        #expect(try file.readDoublesAttribute("axes", of: "/") == [0.5, -1, .infinity])
        #expect(try file.readIntegerAttribute("seed", of: "/") == .min)
        #expect(try file.hasAttribute("seed", of: "/"))
        #expect(try !file.hasAttribute("absent", of: "/"))
        #expect(try kind { _ = try file.readDoubleAttribute("absent", of: "/") } == .missing)
        #expect(try kind { _ = try file.readDoubleAttribute("seed", of: "/") } == .wrongType)
        #expect(try kind { _ = try file.readIntegerAttribute("version", of: "h5md") } == .wrongShape)
    }

    @Test func attributesAreReplacedAndMayBeLong() throws {
        let file = try HDF5File.create(path)
        let recipe = String(repeating: "κ = 1\n", count: 40_000)
        for value in ["short", recipe, "", recipe] {
            try file.writeAttribute("recipe", of: "/", value)
            #expect(try file.readStringAttribute("recipe", of: "/") == value)
        }
        try file.close()
        #expect(try HDF5File.open(path).readStringAttribute("recipe", of: "/") == recipe)
    }

    @Test func groupsAndLinks() throws {
        try Self.writeExample(path)
        let file = try HDF5File.open(path, .readWrite)
        #expect(try file.children(of: "/") == ["empty", "h5md", "names", "number", "observables", "particles", "title"])
        #expect(try file.children(of: "particles/all") == ["force", "position"])
        #expect(try file.exists("/"))
        #expect(try file.exists("particles/all/force/step"))
        #expect(try !file.exists("particles/none/force"))
        #expect(try !file.exists("number/within"))
        #expect(try file.isGroup("particles"))
        #expect(try !file.isGroup("number"))
        // A change under one name shows under the other.
        try file.writeRow("particles/all/position/step", index: 1, [99])
        #expect(try file.readIntegers("particles/all/force/step").values == [7, 99, .max])
        let error = #expect(throws: StorageError.self) { try file.readDoubles("particles/all/velocity") }
        #expect(error?.description == "\(path): has no 'particles/all/velocity'; '/particles/all' contains 'force', 'position'")
        #expect(try kind { _ = try file.readDoubles("number/within/it") } == .missing)
        #expect(try kind { _ = try file.children(of: "number") } == .wrongType)
        #expect(try kind { try file.createGroup("number/within") } == .unwritable)
        #expect(try kind { try file.write([1.0], shape: [1], to: "number") } == .unwritable)
        #expect(try kind { try file.link(from: "absent", to: "other") } == .missing)
    }

    @Test func manyChildrenAreFound() throws {
        let file = try HDF5File.create(path)
        let names = (100..<160).map { "trajectory \($0)" }
        for name in names.reversed() { try file.createGroup("all/" + name) }
        #expect(try file.children(of: "all") == names)
    }

    @Test func wrongTypesAreRefused() throws {
        try Self.writeExample(path)
        let file = try HDF5File.open(path)
        #expect(try kind { _ = try file.readDoubles("names") } == .wrongType)
        #expect(try kind { _ = try file.readDoubles("particles/all/position/step") } == .wrongType)
        #expect(try kind { _ = try file.readIntegers("number") } == .wrongType)
        #expect(try kind { _ = try file.readStrings("number") } == .wrongType)
        #expect(try kind { _ = try file.readDoubles("particles") } == .wrongType)
        #expect(try kind { _ = try file.shape(of: "particles") } == .wrongType)
        #expect(try kind { try file.write([1.0], shape: [1], to: "new") } == .unwritable)
        #expect(try kind { try file.writeAttribute("new", of: "/", 1) } == .unwritable)
        #expect(try kind { try file.writeRow("observables/energy", index: 0, [1.0, 2]) } == .unwritable)
    }

    @Test func whatIsNoHDF5FileIsRefused() throws {
        #expect(try kind { _ = try HDF5File.open(path) } == .missing)
        #expect(try kind { _ = try HDF5File.open(folder.path) } == .unreadable)
        #expect(try kind { _ = try HDF5File.create(folder.file("absent/file.h5")) } == .unwritable)
        try put([], at: path)
        #expect(try kind { _ = try HDF5File.open(path) } == .malformed)
        try put(Array("a text of some length, which is not an HDF5 file at all".utf8), at: path)
        #expect(try kind { _ = try HDF5File.open(path) } == .malformed)
        // An HDF5 file of the format before 1.8: version 0 of the superblock.
        try put([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] + [UInt8](repeating: 0, count: 88), at: path)
        let error = #expect(throws: StorageError.self) { try HDF5File.open(path) }
        #expect(error?.description.contains("before version 1.8") == true)
    }

    @Test func theBytesDependOnNothingButTheContents() async throws {
        try Self.writeExample(path)
        let first = try contents(of: path)
        // Times, had they been recorded, would have a resolution of one second.
        try await Task.sleep(for: .milliseconds(1100))
        try Self.writeExample(folder.file("second.h5"))
        #expect(try contents(of: folder.file("second.h5")) == first)
        #expect(first.count > 1000)
    }

    @Test func damageIsNoticedOrHarmless() throws {
        try Self.writeExample(path)
        let whole = try contents(of: path)
        let damagedPath = folder.file("damaged.h5")
        for length in stride(from: 0, to: whole.count, by: 7) {
            try put(whole[..<length], at: damagedPath)
            #expect(try kind { try Self.readAll(damagedPath) } == .malformed, "cut off at byte \(length)")
        }
        let refused = try refusals(of: whole, damaged: 2000, seed: 3, at: damagedPath, read: Self.readAll)
        #expect(refused > 500)
        try Self.readAll(path)
    }

    @Test func manyThreadsMayUseManyFiles() async throws {
        let folder = folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            let paths = (0..<8).map { folder.file("\($0).h5") }
            for (index, path) in paths.enumerated() {
                group.addTask {
                    let file = try HDF5File.create(path)
                    try file.createReserved("values", shape: [50, 10], type: .int64)
                    for row in 0..<50 { try file.writeRow("values", index: row, [Int](repeating: index, count: 10)) }
                    try file.close()
                    #expect(try HDF5File.open(path).readIntegers("values").values == [Int](repeating: index, count: 500))
                }
            }
            try await group.waitForAll()
        }
    }
}
