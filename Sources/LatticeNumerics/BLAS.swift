import COpenBLAS
import CProcessor
import Foundation

/// A floating-point type the BLAS library multiplies matrices of.
public protocol MatrixScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
    /// C ← α·op(A)·op(B) + β·C, all row-major.
    ///
    /// op(A) is rows × inner, op(B) inner × columns and C rows × columns; op is the transpose of the matrix as stored where
    /// `transposeA` or `transposeB` says so. `leadingA`, `leadingB` and `leadingC` are the elements between the beginnings of
    /// two rows as stored.
    static func multiply(
        rows: Int, columns: Int, inner: Int, alpha: Self,
        _ a: UnsafePointer<Self>, leadingA: Int, transposeA: Bool,
        _ b: UnsafePointer<Self>, leadingB: Int, transposeB: Bool,
        beta: Self, _ c: UnsafeMutablePointer<Self>, leadingC: Int)
}

/// The dense linear algebra library as a whole.
public enum BLAS {
    /// Keeps OpenBLAS to the calling thread: the program has threads of its own, and the two numbers must not multiply.
    public static func useOneThread() { openblas_set_num_threads(1) }

    /// Calls `body` while OpenBLAS itself uses `threads` threads, as another program would: to measure what LAPACK reaches.
    ///
    /// Whatever calls ``useOneThread()`` meanwhile ends it; the number from before is restored afterwards.
    package static func withThreads<Result>(_ threads: Int, _ body: () throws -> Result) rethrows -> Result {
        precondition(threads >= 1, "at least one thread")
        let before = openblas_get_num_threads()
        openblas_set_num_threads(Int32(threads))
        defer { openblas_set_num_threads(before) }
        return try body()
    }

    /// An address space (`ulimit -v`) that is too small for OpenBLAS.
    public struct NoRoom: Error, CustomStringConvertible {
        let limit: Int
        let needed: Int
        let threads: Int

        public var description: String {
            "the address space is limited to \(limit >> 20) MiB (`ulimit -v`), and less than the \(needed >> 20) MiB that the linear "
                + "algebra of \(threads) threads needs is left; use fewer --threads, or limit memory by other means (a cgroup, the "
                + "batch system)"
        }
    }

    /// If the address space is limited, allots now the memory that OpenBLAS would allot when a thread first needs it: OpenBLAS
    /// tries for ever if it is refused.
    ///
    /// - Parameter threads: the number of threads that may call the library at once.
    /// - Throws: ``NoRoom``
    public static func reserve(threads: Int) throws {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t(bitPattern: -1) else {
            return
        }
        // For each thread a buffer of 128 MiB and 9 MiB for its stack; 32 MiB for the start.
        let needed = (threads * (128 + 9) + 32) << 20
        let trial = mmap(nil, needed, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard trial != MAP_FAILED else { throw NoRoom(limit: Int(clamping: limit.rlim_cur), needed: needed, threads: threads) }
        munmap(trial, needed)
        // After they are given back, the library keeps them.
        let buffers = (0..<threads).map { _ in blas_memory_alloc(1) }
        buffers.forEach(blas_memory_free)
    }

    /// The processors that the program was built for, and the kernels that OpenBLAS has chosen: if both are the same, results
    /// have the same bits.
    public static var arithmetic: String {
        let version = String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
        return "\(String(cString: adiabat_built_for())), \(version) with \(String(cString: openblas_get_corename())) kernels"
    }

    /// The build of OpenBLAS in use and the kernels it runs, as it describes itself.
    public static var configuration: String {
        let library = String(cString: openblas_get_config()).trimmingCharacters(in: .whitespaces)
        return "\(library), kernels \(String(cString: openblas_get_corename()))"
    }
}

extension Float: MatrixScalar {
    public static func multiply(
        rows: Int, columns: Int, inner: Int, alpha: Float,
        _ a: UnsafePointer<Float>, leadingA: Int, transposeA: Bool,
        _ b: UnsafePointer<Float>, leadingB: Int, transposeB: Bool,
        beta: Float, _ c: UnsafeMutablePointer<Float>, leadingC: Int
    ) {
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(inner), alpha, a, blasint(leadingA), b, blasint(leadingB),
            beta, c, blasint(leadingC))
    }
}

extension Double: MatrixScalar {
    public static func multiply(
        rows: Int, columns: Int, inner: Int, alpha: Double,
        _ a: UnsafePointer<Double>, leadingA: Int, transposeA: Bool,
        _ b: UnsafePointer<Double>, leadingB: Int, transposeB: Bool,
        beta: Double, _ c: UnsafeMutablePointer<Double>, leadingC: Int
    ) {
        cblas_dgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(inner), alpha, a, blasint(leadingA), b, blasint(leadingB),
            beta, c, blasint(leadingC))
    }
}
