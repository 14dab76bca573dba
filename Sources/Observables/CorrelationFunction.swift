import Lattices

/// The autocorrelation of a scalar field over a periodic supercell,
///
///     C(d) = (1/N) Σ_r s(d) f_r f_{r+d}
///
/// with s(d) = ±1 the sublattice sign of d if ``isStaggered``, (−1)^{d_x+d_y} on the square lattice, and 1 otherwise.
public struct CorrelationFunction: Sendable {
    /// The supercell of the field.
    public let supercell: Supercell
    /// C(d), stored [d_y][d_x] with d_k in 0..<L_k, as the field itself; negative displacements wrap.
    public let values: [Double]
    /// Whether the signs s(d) are in it.
    public let isStaggered: Bool
    /// |d| of every displacement, the shortest among its periodic images, in lattice constants.
    public let distances: [Double]

    /// Half the shortest side of the supercell: what lies farther out sees its own images.
    public var reach: Double {
        zip(supercell.size, supercell.lattice.primitiveVectors).map { side, vector in
            Double(side) * vector.reduce(0) { $0 + $1 * $1 }.squareRoot() / 2
        }.min()!
    }

    /// C averaged over shells of |d|, shell n holding |d| in [n − ½, n + ½) and the radius being the mean |d| in it.
    ///
    /// - Parameter cutoff: largest |d|; ``reach`` if nil.
    public func radialAverage(cutoff: Double? = nil) -> RadialProfile {
        RadialProfile(distances: distances, values: values, width: 1, cutoff: cutoff ?? reach)
    }

    /// C at 0, 1, 2, … L/2 cells along primitive direction `axis`.
    public func along(axis: Int) -> [Double] {
        precondition(supercell.size.indices.contains(axis), "a primitive direction")
        return (0...supercell.size[axis] / 2).map { step in
            var cell = [Int](repeating: 0, count: supercell.size.count)
            cell[axis] = step
            return values[supercell.site(cell: cell)]
        }
    }

    /// The first radius at which C(r)/C(0) falls below a half, interpolated linearly between the shells of
    /// ``radialAverage(cutoff:)``.
    ///
    /// Nil if it never does within ``reach``, or if C(0) is not positive.
    public var halfHeightLength: Double? {
        let profile = radialAverage()
        guard let origin = profile.values.first, origin > 0 else { return nil }
        let heights = profile.values.map { $0 / origin }
        guard let k = heights.firstIndex(where: { $0 < 0.5 }) else { return nil }
        let fraction = (heights[k - 1] - 0.5) / (heights[k - 1] - heights[k])
        return profile.radii[k - 1] + fraction * (profile.radii[k] - profile.radii[k - 1])
    }
}
