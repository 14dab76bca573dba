import Dispatch
import Synchronization

/// Runs independent pieces of work on a fixed number of threads.
///
/// Which thread takes which piece is not determined; what a piece computes must depend on its index alone, so results
/// are the same for any number of threads. The BLAS library below keeps to one thread (``BLAS/useOneThread()``).
public struct WorkerPool: Sendable {
    /// The most threads that work at the same time.
    public let threads: Int

    /// A pool of `threads` ≥ 1 threads; also keeps BLAS to one thread.
    public init(threads: Int) {
        precondition(threads >= 1, "at least one thread")
        self.threads = threads
        BLAS.useOneThread()
    }

    /// Calls `body(piece, worker)` for every piece in 0..<count; `worker` in 0..<threads names the workspace the call may use.
    public func forEach(count: Int, _ body: @Sendable (_ piece: Int, _ worker: Int) -> Void) {
        let workers = min(threads, count)
        guard workers > 1 else {
            for piece in 0..<count { body(piece, 0) }
            return
        }
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            while true {
                let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if piece >= count { return }
                body(piece, worker)
            }
        }
    }

    /// The same with a body that may fail: no piece after a failed one is begun, and the failure of the lowest piece is thrown,
    /// whatever the number of threads.
    public func tryForEach(count: Int, _ body: @Sendable (_ piece: Int, _ worker: Int) throws -> Void) throws {
        let failures = Mutex<[Int: any Error]>([:])
        forEach(count: count) { piece, worker in
            // A lower piece still runs after a higher one failed: otherwise which failure is found would be a race.
            if failures.withLock({ $0.keys.contains { $0 < piece } }) { return }
            do { try body(piece, worker) } catch { failures.withLock { $0[piece] = error } }
        }
        if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
    }

    /// Splits 0..<count into ranges of at most `size`, the same for any number of threads.
    public static func ranges(count: Int, size: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }
}
