import Foundation
import LatticeNumerics
import Storage
import Testing

@Suite struct CheckpointTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("checkpoint")
    }

    func checkpoint(step: Int64) -> Checkpoint {
        Checkpoint(
            tensors: [
                .init(name: "step", shape: [], values: .int64([step])),
                .init(name: "weights", shape: [4], values: .float64([0, 1, 2, .infinity])),
            ],
            metadata: ["recipe": "seed = 1\n"])
    }

    func step(_ restored: Checkpoint.Restored?) throws -> Int? { try restored?.checkpoint.contents.integers("step").first }

    func damage(_ path: String) throws {
        var bytes = try contents(of: path)
        bytes[bytes.count - 3] ^= 1
        try put(bytes, at: path)
    }

    @Test func thereIsNoneAtFirst() throws {
        #expect(try Checkpoint.load(path) == nil)
    }

    @Test func theNewestIsLoadedAndTheOneBeforeIsKept() throws {
        try checkpoint(step: 1).save(to: path)
        #expect(try folder.names() == ["checkpoint"])
        try checkpoint(step: 2).save(to: path)
        #expect(try folder.names() == ["checkpoint", "checkpoint.previous"])
        let restored = try #require(try Checkpoint.load(path))
        #expect(restored.checkpoint == checkpoint(step: 2))
        #expect(restored.warning == nil)
        #expect(try step(Checkpoint.load(Checkpoint.previousPath(of: path))) == 1)
    }

    /// Another processor, or other kernels of OpenBLAS.
    @Test func anotherArithmeticIsTold() throws {
        try checkpoint(step: 1).save(to: path, arithmetic: "an abacus")
        let restored = try #require(try Checkpoint.load(path))
        #expect(restored.checkpoint == checkpoint(step: 1))
        #expect(restored.warning?.contains("an abacus") == true && restored.warning?.contains(BLAS.arithmetic) == true)
        #expect(BLAS.arithmetic.contains("OpenBLAS 0.") && BLAS.arithmetic.hasSuffix("kernels"))
    }

    @Test func equalStatesGiveEqualFiles() throws {
        try checkpoint(step: 1).save(to: path)
        try checkpoint(step: 1).save(to: folder.file("other"))
        #expect(try contents(of: path) == contents(of: folder.file("other")))
    }

    @Test func aDamagedOneGivesWayToTheOneBefore() throws {
        try checkpoint(step: 1).save(to: path)
        try checkpoint(step: 2).save(to: path)
        try damage(path)
        let restored = try #require(try Checkpoint.load(path))
        #expect(try step(restored) == 1)
        #expect(restored.path == path + ".previous")
        #expect(restored.warning?.contains("SHA-256") == true)
        // Saving must not put the damaged one in the place of the good one.
        try checkpoint(step: 3).save(to: path)
        #expect(try step(Checkpoint.load(path)) == 3)
        try damage(path)
        #expect(try step(Checkpoint.load(path)) == 1)
    }

    @Test func anInterruptionBetweenTheTwoRenamesIsSurvived() throws {
        try checkpoint(step: 1).save(to: path)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".previous")
        let restored = try #require(try Checkpoint.load(path))
        #expect(try step(restored) == 1)
        #expect(restored.warning != nil)
    }

    @Test func twoDamagedOnesAreAnError() throws {
        try checkpoint(step: 1).save(to: path)
        try damage(path)
        #expect(try kind { _ = try Checkpoint.load(path) } == .malformed)
        try put([1, 2, 3], at: path + ".previous")
        let error = #expect(throws: StorageError.self) { try Checkpoint.load(path) }
        #expect(error?.description.contains(path + ".previous") == true)
        try FileManager.default.removeItem(atPath: path)
        #expect(try kind { _ = try Checkpoint.load(path) } == .malformed)
    }

    @Test func anOrdinarySafetensorsFileIsNoCheckpoint() throws {
        try checkpoint(step: 1).contents.write(to: path)
        #expect(try kind { _ = try Checkpoint.load(path) } == .malformed)
    }

    @Test func everyChangedByteIsNoticed() throws {
        try checkpoint(step: 1).save(to: path)
        let whole = try contents(of: path)
        let original = checkpoint(step: 1)
        try expectEveryTruncationRefused(whole, at: path) { _ = try Checkpoint.load($0) }
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x10
            try put(damaged, at: path)
            // The padding of the header may change without changing the contents.
            if let restored = try? Checkpoint.load(path) { #expect(restored.checkpoint == original) }
        }
    }
}
