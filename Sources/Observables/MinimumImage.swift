import Lattices

extension Lattice {
    /// The vectors b_k dual to the primitive ones, a_i·b_k = δ_ik; reciprocal vectors are 2π b_k.
    package var dualVectors: [[Double]] {
        let inverse = inverseMatrix(primitiveVectors)
        return (0..<dimension).map { k in inverse.map { $0[k] } }
    }
}

/// Lengths of the vectors Σ_k (n_k − o_k) e_k with n on a periodic grid, each the shortest among its periodic images.
///
/// Nothing is kept for every point of the grid: lengths are found for a line of points at a time.
struct MinimumImage: Sendable {
    private let origin: [Int]
    /// Perpendicular steps: |(n_k − o_k) e_k|² of every n_k, shortest image, one table a direction. Empty otherwise.
    private let squares: [[Double]]
    private let steps: [SIMD4<Double>]
    /// Differences of periodic images.
    private let shifts: [SIMD4<Double>]

    /// - Parameters:
    ///   - size: grid points in each direction, two or three, the first direction fastest.
    ///   - steps: Cartesian vectors e_k from one grid point to the next.
    ///   - origin: o, the grid point of length 0.
    init(size: [Int], steps: [[Double]], origin: [Int]) {
        let steps = steps.map { step in
            var vector = SIMD4<Double>.zero
            for (axis, component) in step.enumerated() { vector[axis] = component }
            return vector
        }
        let isPerpendicular = steps.indices.allSatisfy { i in
            steps[..<i].allSatisfy {
                abs(($0 * steps[i]).sum()) <= 1e-12 * (($0 * $0).sum() * (steps[i] * steps[i]).sum()).squareRoot()
            }
        }
        self.steps = steps
        self.origin = origin
        squares =
            !isPerpendicular
            ? []
            : steps.indices.map { k in
                (0..<size[k]).map { n in
                    let offset = (n - origin[k] + size[k]) % size[k]
                    let nearest = Double(min(offset, size[k] - offset))
                    return (steps[k] * steps[k]).sum() * nearest * nearest
                }
            }
        shifts = steps.indices.reduce([SIMD4<Double>.zero]) { partial, k in
            partial.flatMap { head in [-1, 0, 1].map { head + steps[k] * Double($0 * size[k]) } }
        }
    }

    /// Writes the lengths at points `first`, `first` + 1, … of the first direction and given coordinates in the slower ones
    /// (`third` is 0 in two dimensions), unless all are certain to be longer than `cutoff`.
    ///
    /// - Returns: whether lengths are written.
    @inline(__always)
    func lengths(
        from first: Int, count: Int, second: Int, third: Int, cutoff: Double, into lengths: UnsafeMutablePointer<Double>
    ) -> Bool {
        guard squares.isEmpty else {
            let base = squares[1][second] + (squares.count > 2 ? squares[2][third] : 0)
            guard base <= cutoff * cutoff else { return false }
            squares[0].withUnsafeBufferPointer { squares in
                for k in 0..<count { lengths[k] = (squares[first + k] + base).squareRoot() }
            }
            return true
        }
        var base = steps[1] * Double(second - origin[1])
        if steps.count > 2 { base += steps[2] * Double(third - origin[2]) }
        for k in 0..<count { lengths[k] = .infinity }
        for shift in shifts {
            let start = base + shift + steps[0] * Double(first - origin[0])
            for k in 0..<count {
                let vector = start + steps[0] * Double(k)
                lengths[k] = min(lengths[k], (vector * vector).sum())
            }
        }
        for k in 0..<count { lengths[k] = lengths[k].squareRoot() }
        return true
    }
}
