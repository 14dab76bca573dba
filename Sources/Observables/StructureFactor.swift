import Lattices

/// The structure factor of a scalar field,
///
///     S(q) = (1/N) |Σ_i (f_i − f̄) e^{−iq·r_i}|²,      q = 2π Σ_k (n_k/L_k) b_k
///
/// with a_i·b_k = δ_ik. The mean f̄ is removed, so S(0) = 0 up to rounding; Σ_q S(q) = Σ_i (f_i − f̄)² (Parseval).
///
/// Half of it is kept, which is all of it as S(−q) = S(q). Of a field that is spread over ranks each rank keeps a part, and all
/// ranks call ``radialAverage(width:cutoff:)`` and ``domainLength(cutoff:)``.
public struct StructureFactor: Sendable {
    /// Grid index of the ordering wave vector Q₀, at which e^{iQ₀·r} is the sublattice sign: (π, π) on the square lattice; nil if
    /// the supercell has none.
    public var orderingIndex: Int? { geometry.orderingIndex }
    /// S(Q₀): N φ² for a perfect order of amplitude φ; nil if the supercell has no ordering wave vector.
    public let orderingValue: Double?
    private let geometry: SpectrumGeometry
    /// |f(q)|² of the columns of this rank, [row][column].
    private let power: [Double]

    /// Copies the power spectrum of this rank.
    init(_ geometry: SpectrumGeometry, _ power: PowerSlab) {
        self.geometry = geometry
        let columns = geometry.layout.columns.items(of: geometry.communicator.rank).count
        let rows = geometry.layout.rows.rowCount
        self.power = [Double](unsafeUninitializedCapacity: rows * columns) { target, count in
            for row in 0..<rows {
                for column in 0..<columns { target[row * columns + column] = power.value(row: row, column: column) }
            }
            count = rows * columns
        }
        orderingValue = geometry.orderingValue(of: power)
    }

    /// The supercell of the field.
    public var supercell: Supercell { geometry.supercell }

    /// S(q) at grid point (n_x, n_y), [n_y][n_x] with n_k in 0..<L_k, as the field itself. Only where one process has all of it.
    public var values: [Double] {
        precondition(geometry.communicator.size == 1, "a structure factor of one process")
        let layout = geometry.layout
        return withPower { power in
            (0..<supercell.siteCount).map { point in
                // A real field has S(−q) = S(q).
                let isKept = layout.coordinates(of: point).first < layout.lineLength
                let (first, second, row) = layout.coordinates(of: isKept ? point : layout.opposite(of: point))
                return power.value(row: row, column: second * layout.lineLength + first) * geometry.normalization
            }
        }
    }

    /// |q − Q₀| of every grid point, the shortest among equivalent ones, in inverse lattice constants; |q| if there is no Q₀.
    public var distances: [Double] { geometry.lengths(geometry.waveVectors) }

    /// S averaged over shells of |q − Q₀| (of |q| without Q₀).
    ///
    /// - Parameters:
    ///   - width: of a shell; the shortest step of the grid if nil.
    ///   - cutoff: largest |q − Q₀|; half the shortest reciprocal vector (π on the square lattice) if nil.
    public func radialAverage(width: Double? = nil, cutoff: Double? = nil) -> RadialProfile {
        let shells = ShellGrid(width: width ?? geometry.waveVectorSpacing, cutoff: cutoff ?? 2 * geometry.quarterZone)
        return withPower { geometry.radialAverage(of: $0, shells) }
    }

    /// The characteristic length of domains from the first moment of S about the ordering wave vector,
    ///
    ///     L = 2π Σ′ S(q) / Σ′ |q − Q₀| S(q)
    ///
    /// with Σ′ over the grid points |q − Q₀| ≤ cutoff, Q₀ itself included and nothing subtracted. On the square lattice the
    /// default cutoff is π/2, a quarter of the shortest reciprocal vector. The thermal background inside the window counts:
    /// L falls below the size of domains when it is comparable to the peak.
    ///
    /// Nil if the supercell has no Q₀, if S vanishes in the window, or if all of it sits at Q₀ (one domain: L is infinite).
    public func domainLength(cutoff: Double? = nil) -> Double? {
        guard orderingIndex != nil else { return nil }
        let sums = UnitSums(geometry.layout.columns, communicator: geometry.communicator, count: 2)
        return geometry.domainLength(
            withPower { geometry.moments(of: $0, cutoff: cutoff ?? geometry.quarterZone, sums) })
    }

    private func withPower<Result>(_ body: (PowerSlab) -> Result) -> Result {
        power.withUnsafeBufferPointer {
            body(
                PowerSlab(
                    values: $0, rowStride: geometry.layout.columns.items(of: geometry.communicator.rank).count,
                    blockStride: UnitPartition.block))
        }
    }
}
