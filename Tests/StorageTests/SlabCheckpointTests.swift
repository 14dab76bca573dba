import Communication
import Foundation
import Storage
import Testing

@Suite struct SlabCheckpointTests {
    static let count = 1003
    static let unit = 100
    static let slabs = ["state.displacement", "state.velocity"]

    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("simulation.checkpoint")
    }

    /// The value of an array at a place, told from all others.
    static func value(_ name: String, _ index: Int, step: Int) -> Double {
        Double(step) + Double(index) / 4096 + (name == slabs[0] ? 0.25 : -0.5)
    }

    /// Spread over ranks in the order of the units; with more than two ranks the second has none.
    static func layout(_ communicator: any Communicator) -> SlabLayout {
        let whole = SlabLayout(count: count, unit: unit)
        let ranks = communicator.size > 2 ? communicator.size - 1 : communicator.size
        let position = communicator.rank > 1 && ranks < communicator.size ? communicator.rank - 1 : communicator.rank
        let begins = (0...ranks).map { $0 * whole.unitCount / ranks }
        let isIdle = ranks < communicator.size && communicator.rank == 1
        let units = isIdle ? begins[1]..<begins[1] : begins[position]..<begins[position + 1]
        return SlabLayout(count: count, unit: unit, units: units)
    }

    static func save(_ path: String, step: Int, _ communicator: any Communicator) throws {
        let layout = layout(communicator)
        var slab: [Double] = []
        let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: layout.range.count)
        defer { buffer.deallocate() }
        try SlabCheckpoint.save(
            to: path, tensors: [.init(name: "state.step", shape: [], values: .int64([Int64(step)]))],
            metadata: ["recipe": "seed = 1\n"], slabs: slabs, layout: layout, communicator: communicator
        ) { name in
            slab = layout.range.map { value(name, $0, step: step) }
            _ = buffer.update(fromContentsOf: slab)
            return UnsafeBufferPointer(buffer)
        }
    }

    struct Found: Equatable {
        var step = 0
        var path = ""
        var warning: String?
    }

    /// Loads and checks every number of every slab.
    static func load(_ path: String, _ communicator: any Communicator) throws -> Found? {
        let layout = layout(communicator)
        var received: [String: [Double]] = [:]
        let restored = try SlabCheckpoint.load(path, slabs: slabs, layout: layout, communicator: communicator) {
            received[$0] = Array($1)
        }
        guard let restored else { return nil }
        let step = try restored.contents.integers("state.step", shape: [])[0]
        for name in slabs { #expect(received[name] == layout.range.map { value(name, $0, step: step) }) }
        #expect(restored.contents.metadata == ["recipe": "seed = 1\n"])
        return Found(step: step, path: restored.path, warning: restored.warning)
    }

    func save(step: Int, ranks: Int = 1) throws {
        let path = path
        _ = try ThreadCommunicator.run(ranks: ranks) { try Self.save(path, step: step, $0) }
    }

    /// What all ranks agree to have found, failures included.
    func load(ranks: Int = 1) throws -> Found? {
        let path = path
        let results = try ThreadCommunicator.run(ranks: ranks) { communicator in
            do { return Outcome.found(try Self.load(path, communicator)) } catch let error as StorageError {
                return Outcome.failed(error)
            }
        }
        #expect(results.allSatisfy { $0 == results[0] }, "ranks disagree: \(results)")
        switch results[0] {
        case .found(let found): return found
        case .failed(let error): throw error
        }
    }

    enum Outcome: Equatable {
        case found(Found?)
        case failed(StorageError)
    }

    func damage(_ path: String, at place: Int? = nil) throws {
        var bytes = try contents(of: path)
        bytes[place ?? bytes.count - 3] ^= 1
        try put(bytes, at: path)
    }

    @Test func thereIsNoneAtFirst() throws {
        for ranks in 1...3 { #expect(try load(ranks: ranks) == nil) }
    }

    @Test func equalBytesForAnyRanksAndRestartOnOthers() throws {
        try save(step: 7)
        let reference = try contents(of: path)
        #expect(reference.count > 16 * Self.count)
        for ranks in 1...4 {
            try save(step: 7, ranks: ranks)
            #expect(try contents(of: path) == reference)
            for others in 1...4 { #expect(try load(ranks: others) == Found(step: 7, path: path)) }
        }
    }

    @Test func itIsASafetensorsFile() throws {
        try save(step: 7, ranks: 2)
        let file = try Safetensors(contentsOf: path)
        #expect(file.tensors.map(\.name) == ["state.step"] + Self.slabs)
        #expect(try file.doubles("state.velocity") == (0..<Self.count).map { Self.value("state.velocity", $0, step: 7) })
    }

    @Test func theOneBeforeIsKept() throws {
        for step in 1...3 { try save(step: step, ranks: 2) }
        #expect(try folder.names() == ["simulation.checkpoint", "simulation.checkpoint.previous"])
        #expect(try load()?.step == 3)
        try FileManager.default.removeItem(atPath: path)
        let restored = try #require(try load(ranks: 3))
        #expect(restored.step == 2 && restored.path == path + ".previous" && restored.warning != nil)
    }

    @Test func aDamagedOneGivesWayToTheOneBefore() throws {
        for step in 1...2 { try save(step: step) }
        // A number of the last rank, then the small tensor, then the header.
        let whole = try contents(of: path)
        for place in [whole.count - 3, whole.count - 16 * Self.count - 8, 20] {
            try put(whole, at: path)
            try damage(path, at: place)
            let restored = try #require(try load(ranks: 4))
            #expect(restored.step == 1 && restored.path == path + ".previous" && restored.warning != nil)
        }
        // Saving must not put the damaged one in the place of the good one.
        try save(step: 3, ranks: 2)
        #expect(try load()?.step == 3)
        try damage(path)
        #expect(try load()?.step == 1)
    }

    @Test func whatAKillLeavesIsHarmless() throws {
        try save(step: 1)
        // In the middle of writing, and between the two renames.
        try put([1, 2, 3], at: path + ".partial")
        #expect(try load(ranks: 2)?.step == 1)
        try save(step: 2, ranks: 2)
        #expect(try folder.names() == ["simulation.checkpoint", "simulation.checkpoint.previous"])
        try FileManager.default.moveItem(atPath: path, toPath: path + ".partial")
        #expect(try load(ranks: 2)?.step == 1)
        try save(step: 2, ranks: 3)
        #expect(try load() == Found(step: 2, path: path))
        #expect(try folder.names() == ["simulation.checkpoint", "simulation.checkpoint.previous"])
    }

    @Test func everyChangedByteIsNoticed() throws {
        try save(step: 5)
        let whole = try contents(of: path)
        for index in whole.indices where index % 31 == 0 || index < 400 {
            var damaged = whole
            damaged[index] ^= 0x10
            try put(damaged, at: path)
            #expect(try kind { _ = try Self.load(path, SingleProcess()) } != nil, "byte \(index)")
        }
        for length in stride(from: 0, to: whole.count, by: 61) {
            try put(whole[..<length], at: path)
            #expect(try kind { _ = try Self.load(path, SingleProcess()) } != nil, "cut off at \(length)")
        }
        try put(whole + [0], at: path)
        #expect(try kind { _ = try Self.load(path, SingleProcess()) } == .malformed)
    }

    @Test func anotherLatticeOrAnotherFileIsRefused() throws {
        try save(step: 5)
        let other = SlabLayout(count: Self.count - 3, unit: Self.unit)
        #expect(
            try kind {
                _ = try SlabCheckpoint.load(path, slabs: Self.slabs, layout: other, communicator: SingleProcess()) { _, _ in }
            } == .wrongShape)
        try Checkpoint(tensors: [.init(name: "step", shape: [], values: .int64([1]))]).save(to: path)
        #expect(try kind { _ = try Self.load(path, SingleProcess()) } == .malformed)
        try put([], at: path)
        #expect(try kind { _ = try load(ranks: 3) } == .malformed)
    }

    @Test func numbersThatAreNotFiniteAreRefused() throws {
        let values = [1.0, .nan]
        try values.withUnsafeBufferPointer { buffer in
            let layout = SlabLayout(count: 2, unit: 1)
            try SlabCheckpoint.save(
                to: path, tensors: [], metadata: [:], slabs: ["a"], layout: layout, communicator: SingleProcess()
            ) { _ in buffer }
            #expect(
                try kind {
                    _ = try SlabCheckpoint.load(path, slabs: ["a"], layout: layout, communicator: SingleProcess()) { _, _ in }
                } == .malformed)
        }
    }

    @Test func aFolderThatIsNotThereFailsOnAllRanks() throws {
        let path = folder.file("absent/checkpoint")
        let errors = try ThreadCommunicator.run(ranks: 3) { communicator in
            do { try Self.save(path, step: 1, communicator) } catch { return "\(error)" }
            return ""
        }
        #expect(errors.count == 3 && Set(errors).count == 1 && errors[0].hasPrefix(path + ": cannot create"))
    }
}
