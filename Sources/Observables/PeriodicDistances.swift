import Lattices

extension Lattice {
    /// The vectors b_k dual to the primitive ones, a_i·b_k = δ_ik; reciprocal vectors are 2π b_k.
    package var dualVectors: [[Double]] {
        let inverse = inverseMatrix(primitiveVectors)
        return (0..<dimension).map { k in inverse.map { $0[k] } }
    }
}

/// The lengths of the vectors Σ_k n_k e_k with n on a periodic grid of `size` points, each the shortest among its periodic
/// images, in grid order (the first direction fastest).
///
/// - Parameters:
///   - steps: Cartesian vectors e_k from one grid point to the next.
///   - origin: the grid point of length 0.
func periodicDistances(size: [Int], steps: [[Double]], origin: [Int]) -> [Double] {
    let count = size.reduce(1, *)
    var distances = [Double](repeating: 0, count: count)
    let images = size.indices.reduce([[]]) { partial, axis in
        partial.flatMap { head in [-size[axis], 0, size[axis]].map { head + [$0] } }
    }
    let shifts = images.map { image in
        steps[0].indices.map { axis in zip(image, steps).reduce(0.0) { $0 + Double($1.0) * $1.1[axis] } }
    }
    var offset = origin.map { -$0 }
    for point in 0..<count {
        var shortest = Double.infinity
        for shift in shifts {
            var squared = 0.0
            for axis in shift.indices {
                var component = shift[axis]
                for k in steps.indices { component += Double(offset[k]) * steps[k][axis] }
                squared += component * component
            }
            shortest = min(shortest, squared)
        }
        distances[point] = shortest.squareRoot()
        for k in size.indices {
            offset[k] += 1
            if offset[k] < size[k] - origin[k] { break }
            offset[k] = -origin[k]
        }
    }
    return distances
}
