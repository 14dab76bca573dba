/// A square system of linear equations, A x = b, solved by Gaussian elimination with partial pivoting.
///
/// For the small systems of Newton iterations. Every sum has one order, so the result does not depend on the machine's BLAS.
package struct LinearSystem {
    /// n, the number of unknowns.
    package let dimension: Int
    /// A, row-major.
    package var matrix: [Double]
    /// b before ``solve()``, x afterwards.
    package var vector: [Double]

    /// The system of `dimension` unknowns with A = 0 and b = 0.
    package init(dimension: Int) {
        precondition(dimension > 0, "unknowns of a linear system")
        self.dimension = dimension
        matrix = [Double](repeating: 0, count: dimension * dimension)
        vector = [Double](repeating: 0, count: dimension)
    }

    /// Replaces b by x, and A by what elimination leaves of it; false if a pivot is zero or not finite.
    package mutating func solve() -> Bool {
        let n = dimension
        return matrix.withUnsafeMutableBufferPointer { a in
            vector.withUnsafeMutableBufferPointer { b in
                for column in 0..<n {
                    var pivot = column
                    for row in column + 1..<n where abs(a[row * n + column]) > abs(a[pivot * n + column]) {
                        pivot = row
                    }
                    if pivot != column {
                        for k in column..<n { a.swapAt(column * n + k, pivot * n + k) }
                        b.swapAt(column, pivot)
                    }
                    let diagonal = a[column * n + column]
                    guard diagonal != 0, diagonal.isFinite else { return false }
                    for row in column + 1..<n {
                        let factor = a[row * n + column] / diagonal
                        let (target, source) = (row &* n, column &* n)
                        for k in column + 1..<n { a[target &+ k] -= factor * a[source &+ k] }
                        b[row] -= factor * b[column]
                    }
                }
                for row in stride(from: n - 1, through: 0, by: -1) {
                    var sum = b[row]
                    for k in row + 1..<n { sum -= a[row * n + k] * b[k] }
                    b[row] = sum / a[row * n + row]
                }
                return true
            }
        }
    }
}
