import COpenBLAS

/// A LAPACK routine that did not succeed.
public struct LinearAlgebraError: Error, CustomStringConvertible, Sendable {
    /// Its name: `dsyevd`.
    public let routine: String
    /// LAPACK's `info`: negative for a wrong argument, positive where an iteration did not converge.
    public let information: Int
    public var description: String { "LAPACK's \(routine) failed with info = \(information)" }
}

/// All eigenvalues and eigenvectors of real symmetric matrices of one size: LAPACK's divide-and-conquer `dsyevd`.
///
/// The workspace is allocated once. One instance serves one thread at a time. The result does not depend on the instance:
/// everything is aligned to 64 bytes, because OpenBLAS sums in another order where vectors begin elsewhere, and OpenBLAS is
/// kept to one thread.
public final class SymmetricEigensolver {
    /// The largest dimension whose workspace, 2n² + 6n + 1 numbers, LAPACK can address with 32-bit integers.
    public static let maximumDimension = 32_766
    /// n, the rows and columns of the matrix.
    public let dimension: Int
    /// The matrix before ``solve()``, row-major, its lower triangle read; afterwards row m is eigenvector m.
    public let matrix: UnsafeMutableBufferPointer<Double>
    /// Eigenvalues in ascending order, after ``solve()``.
    public let eigenvalues: UnsafeMutableBufferPointer<Double>
    private let work: UnsafeMutableBufferPointer<Double>
    private let integerWork: UnsafeMutableBufferPointer<Int32>

    /// Allots matrix, eigenvalues and workspace: about 3n² numbers.
    public init(dimension: Int) {
        precondition((1...Self.maximumDimension).contains(dimension), "dimension of a dense matrix")
        BLAS.useOneThread()
        self.dimension = dimension
        matrix = Self.aligned(count: dimension * dimension)
        eigenvalues = Self.aligned(count: dimension)
        var size = 0.0
        var integerSize: Int32 = 0
        let n = Int32(dimension)
        _ = LAPACKE_dsyevd_work(
            LAPACK_COL_MAJOR, CChar(86), CChar(85), n, matrix.baseAddress, n, eigenvalues.baseAddress, &size, -1, &integerSize, -1
        )
        work = Self.aligned(count: max(1, Int(size)))
        integerWork = .allocate(capacity: max(1, Int(integerSize)))
        integerWork.initialize(repeating: 0)
    }

    deinit {
        matrix.deallocate()
        eigenvalues.deallocate()
        work.deallocate()
        integerWork.deallocate()
    }

    /// Replaces ``matrix`` by its eigenvectors (row m: eigenvector m, normalised) and fills ``eigenvalues``.
    ///
    /// - Throws: ``LinearAlgebraError`` if the iteration does not converge or the matrix is not finite.
    public func solve() throws {
        let n = Int32(dimension)
        // Row-major lower is column-major upper ('U'), and column m of the result is row m of ours. 'V' asks for vectors.
        let information = LAPACKE_dsyevd_work(
            LAPACK_COL_MAJOR, CChar(86), CChar(85), n, matrix.baseAddress, n, eigenvalues.baseAddress,
            work.baseAddress, Int32(work.count), integerWork.baseAddress, Int32(integerWork.count))
        guard information == 0, eigenvalues.first!.isFinite else {
            throw LinearAlgebraError(routine: "dsyevd", information: Int(information))
        }
    }

    private static func aligned(count: Int) -> UnsafeMutableBufferPointer<Double> {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Double>.stride, alignment: 64)
        let values = bytes.bindMemory(to: Double.self)
        values.initialize(repeating: 0)
        return values
    }
}
