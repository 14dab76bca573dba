import LatticeNumerics
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    private struct Failure: Error, Equatable { let piece: Int }

    @Test(arguments: [1, 2, 3, 8])
    func runsEveryPieceOnce(threads: Int) {
        let seen = Mutex<[Int: Int]>([:])
        WorkerPool(threads: threads).forEach(count: 1000) { piece, worker in
            #expect((0..<threads).contains(worker))
            seen.withLock { $0[piece, default: 0] += 1 }
        }
        #expect(seen.withLock { $0.count == 1000 && $0.values.allSatisfy { $0 == 1 } })
        WorkerPool(threads: threads).forEach(count: 0) { _, _ in Issue.record("no piece to run") }
    }

    /// A worker's workspace is never in use by two pieces at once.
    @Test func workersDoNotOverlap() {
        let busy = Mutex<Set<Int>>([])
        WorkerPool(threads: 4).forEach(count: 2000) { _, worker in
            #expect(busy.withLock { $0.insert(worker).inserted })
            busy.withLock { _ = $0.remove(worker) }
        }
    }

    @Test(arguments: [1, 2, 4])
    func throwsTheLowestFailure(threads: Int) {
        for _ in 0..<100 {
            #expect(throws: Failure(piece: 20)) {
                try WorkerPool(threads: threads).tryForEach(count: 100) { piece, _ in
                    if piece >= 20 { throw Failure(piece: piece) }
                }
            }
        }
    }

    @Test func rangesCoverEverythingOnce() {
        #expect(WorkerPool.ranges(count: 10, size: 4) == [0..<4, 4..<8, 8..<10])
        #expect(WorkerPool.ranges(count: 8, size: 4) == [0..<4, 4..<8])
        #expect(WorkerPool.ranges(count: 0, size: 4).isEmpty)
    }
}
