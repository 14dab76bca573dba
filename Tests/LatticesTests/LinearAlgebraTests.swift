import LatticeNumerics
import Testing

@Suite struct LinearAlgebraTests {
    /// H v = ε v, orthonormal eigenvectors in rows, ascending eigenvalues; only the lower triangle counts.
    @Test(arguments: [1, 2, 17, 60])
    func eigenvectorsOfARandomMatrix(dimension: Int) throws {
        let stream = RandomStream(seed: 20, purpose: .testing)
        let solver = SymmetricEigensolver(dimension: dimension)
        for step in 0..<2 {
            let random = stream.normals(count: dimension * dimension, step: step)
            func entry(_ row: Int, _ column: Int) -> Double { random[max(row, column) * dimension + min(row, column)] }
            for row in 0..<dimension {
                for column in 0..<dimension {
                    solver.matrix[row * dimension + column] = row >= column ? entry(row, column) : .nan
                }
            }
            try solver.solve()
            let vectors = (0..<dimension).map { Array(solver.matrix[$0 * dimension..<($0 + 1) * dimension]) }
            for (m, vector) in vectors.enumerated() {
                let image = (0..<dimension).map { row in (0..<dimension).reduce(0) { $0 + entry(row, $1) * vector[$1] } }
                #expect(largestDifference(image, vector.map { $0 * solver.eigenvalues[m] }) < 1e-12)
                for (other, second) in vectors.enumerated() {
                    let overlap = zip(vector, second).reduce(0) { $0 + $1.0 * $1.1 }
                    #expect(abs(overlap - (m == other ? 1 : 0)) < 1e-13)
                }
                if m > 0 { #expect(solver.eigenvalues[m - 1] <= solver.eigenvalues[m]) }
            }
        }
    }

    @Test func notANumberIsAnError() {
        let solver = SymmetricEigensolver(dimension: 3)
        solver.matrix.update(repeating: .nan)
        #expect(throws: LinearAlgebraError.self) { try solver.solve() }
    }

    /// C ← α·op(A)·op(B) + β·C on parts of larger arrays, against a direct sum.
    @Test(arguments: [false, true], [false, true])
    func matrixProduct(transposeA: Bool, transposeB: Bool) {
        let (rows, columns, inner) = (5, 7, 4)
        let (leadingA, leadingB, leadingC) = (9, 11, 8)
        let stream = RandomStream(seed: 21, purpose: .testing)
        let a = stream.normals(count: leadingA * 9, step: 0)
        let b = stream.normals(count: leadingB * 11, step: 1)
        let start = stream.normals(count: leadingC * rows, step: 2)
        var expected = start
        for i in 0..<rows {
            for j in 0..<columns {
                let sum = (0..<inner).reduce(0.0) { sum, k in
                    let left = transposeA ? a[k * leadingA + i] : a[i * leadingA + k]
                    let right = transposeB ? b[j * leadingB + k] : b[k * leadingB + j]
                    return sum + left * right
                }
                expected[i * leadingC + j] = 1.5 * sum - 0.5 * start[i * leadingC + j]
            }
        }
        var double = start
        Double.multiply(
            rows: rows, columns: columns, inner: inner, alpha: 1.5, a, leadingA: leadingA, transposeA: transposeA,
            b, leadingB: leadingB, transposeB: transposeB, beta: -0.5, &double, leadingC: leadingC)
        #expect(largestDifference(double, expected) < 1e-14)
        var single = start.map(Float.init)
        Float.multiply(
            rows: rows, columns: columns, inner: inner, alpha: 1.5, a.map(Float.init), leadingA: leadingA, transposeA: transposeA,
            b.map(Float.init), leadingB: leadingB, transposeB: transposeB, beta: -0.5, &single, leadingC: leadingC)
        #expect(largestDifference(single.map(Double.init), expected) < 1e-5)
    }
}
