import LatticeNumerics

/// Products of large matrices, one for every thread: the fastest that the machine computes in practice.
struct MatrixProduct: Hashable {
    let precision: Precision
    let threads: Int

    /// Rows and columns of the matrices.
    private static let side = 2048

    var name: String { "\(precision == .float32 ? "sgemm" : "dgemm"), \(Self.side)²" }

    /// A multiplication and an addition for each element of each row and column.
    var work: Work {
        let side = Double(Self.side)
        return Work(operations: 2 * side * side * side * Double(threads), precision: precision)
    }

    func measure(seconds: Double) -> Measurement {
        switch precision {
        case .float32: measure(Float.self, seconds: seconds)
        case .float64: measure(Double.self, seconds: seconds)
        }
    }

    private func measure<Scalar: MatrixScalar>(_: Scalar.Type, seconds: Double) -> Measurement {
        let matrices = (0..<threads).map { _ in Matrices<Scalar>(side: Self.side) }
        let pool = WorkerPool(threads: threads)
        return Measurement(repeating: seconds) { pool.forEach(count: threads) { piece, _ in matrices[piece].multiply() } }
    }
}

/// The matrices of C ← AB. `@unchecked Sendable`: every thread multiplies matrices of its own.
private final class Matrices<Scalar: MatrixScalar>: @unchecked Sendable {
    private let side: Int
    private let a: [Scalar]
    private let b: [Scalar]
    private var c: [Scalar]

    init(side: Int) {
        self.side = side
        a = (0..<side * side).map { 1 / Scalar(1 + $0 % 1009) }
        b = a
        c = a
    }

    func multiply() {
        Scalar.multiply(
            rows: side, columns: side, inner: side, alpha: 1, a, leadingA: side, transposeA: false,
            b, leadingB: side, transposeB: false, beta: 0, &c, leadingC: side)
    }
}
