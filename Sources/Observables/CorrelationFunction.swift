import Lattices

/// The autocorrelation of a scalar field over a periodic supercell,
///
///     C(d) = (1/N) Σ_r s(d) f_r f_{r+d}
///
/// with s(d) = ±1 the sublattice sign of d if ``isStaggered``, (−1)^{d_x+d_y} on the square lattice, and 1 otherwise.
///
/// Half of it is kept, which is all of it as C(−d) = C(d). Of a field that is spread over ranks each rank keeps a part, and all
/// ranks call ``radialAverage(cutoff:)`` and ``halfHeightLength``.
public struct CorrelationFunction: Sendable {
    /// Whether the signs s(d) are in it.
    public let isStaggered: Bool
    private let geometry: SpectrumGeometry
    /// C(d) of the half rows of this rank.
    private let half: [Double]

    init(_ geometry: SpectrumGeometry, half: [Double], isStaggered: Bool) {
        self.geometry = geometry
        self.half = half
        self.isStaggered = isStaggered
    }

    /// The supercell of the field.
    public var supercell: Supercell { geometry.supercell }

    /// C(d), [d_y][d_x] with d_k in 0..<L_k, as the field itself; negative displacements wrap. Only where one process has all of
    /// it.
    public var values: [Double] { (0..<supercell.siteCount).map { value(at: $0) } }

    /// |d| of every displacement, the shortest among its periodic images, in lattice constants.
    public var distances: [Double] { geometry.lengths(geometry.displacements) }

    /// Half the shortest side of the supercell: what lies farther out sees its own images.
    public var reach: Double { geometry.reach }

    /// C averaged over shells of |d|, shell n holding |d| in [n − ½, n + ½) and the radius being the mean |d| in it.
    ///
    /// - Parameter cutoff: largest |d|; ``reach`` if nil.
    public func radialAverage(cutoff: Double? = nil) -> RadialProfile {
        let shells = ShellGrid(width: 1, cutoff: cutoff ?? reach)
        let partition = geometry.layout.halfRows
        let first = partition.items(of: geometry.communicator.rank).lowerBound
        let length = geometry.layout.rowLength
        let sums = UnitSums(partition, communicator: geometry.communicator, count: shells.count * ShellGrid.sumCount)
        return half.withUnsafeBufferPointer { half in
            nonisolated(unsafe) let half = half
            return RadialProfile(
                sums: sums.total(geometry.pool) { [geometry] unit, partial in
                    for row in partition.items(ofUnit: unit) {
                        geometry.add(half.baseAddress! + (row - first) * length, row: row, to: partial, of: shells)
                    }
                })
        }
    }

    /// C at 0, 1, 2, … L/2 cells along primitive direction `axis`.
    public func along(axis: Int) -> [Double] {
        precondition(supercell.size.indices.contains(axis), "a primitive direction")
        return (0...supercell.size[axis] / 2).map { step in
            var cell = [Int](repeating: 0, count: supercell.size.count)
            cell[axis] = step
            return value(at: supercell.site(cell: cell))
        }
    }

    /// The first radius at which C(r)/C(0) falls below a half, interpolated linearly between the shells of
    /// ``radialAverage(cutoff:)``.
    ///
    /// Nil if it never does within ``reach``, or if C(0) is not positive.
    public var halfHeightLength: Double? { radialAverage().halfHeightLength }

    private func value(at site: Int) -> Double {
        precondition(geometry.communicator.size == 1, "a correlation function of one process")
        // It is even, C(−d) = C(d).
        return half[site < half.count ? site : geometry.layout.opposite(of: site)]
    }
}
