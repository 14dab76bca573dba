import LatticeNumerics

extension Benchmark {
    /// What the machine can do: matrix products in the processor, and a triad a ← b + s·c, 24 bytes an element, in memory.
    static let machine = Benchmark(
        name: "machine", summary: "matrix products and memory bandwidth, as much as can be had"
    ) { session in
        for precision in Precision.allCases {
            for threads in session.threadCounts { session.timePeak(MatrixProduct(precision: precision, threads: threads)) }
        }
        let triads = (0..<session.threads).map { _ in Triad() }
        for threads in session.threadCounts {
            let pool = WorkerPool(threads: threads)
            session.time("triad", threads: threads, work: Work(bytes: Double(24 * Triad.count * threads))) {
                pool.forEach(count: threads) { piece, _ in triads[piece].run() }
            }
        }
    }
}

/// Vectors too long for any cache. `@unchecked Sendable`: every thread has its own.
private final class Triad: @unchecked Sendable {
    static let count = 1 << 25

    private var a = [Double](repeating: 0, count: Triad.count)
    private let b = [Double](repeating: 1, count: Triad.count)
    private let c = [Double](repeating: 2, count: Triad.count)

    func run() {
        a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                c.withUnsafeBufferPointer { c in
                    for k in 0..<Self.count { a[k] = b[k] + 3 * c[k] }
                }
            }
        }
    }
}
