import COpenBLAS
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
    /// Keeps OpenBLAS to the calling thread: parallelism is ours, over pieces of work, and the two must not multiply.
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
