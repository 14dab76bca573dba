/// A 2 × 2 matrix acting on (Q, v).
struct PhaseSpaceMatrix {
    var rows: [[Double]]

    static func * (a: PhaseSpaceMatrix, b: PhaseSpaceMatrix) -> PhaseSpaceMatrix {
        PhaseSpaceMatrix(
            rows: a.rows.map { row in (0..<2).map { row[0] * b.rows[0][$0] + row[1] * b.rows[1][$0] } })
    }

    static func + (a: PhaseSpaceMatrix, b: PhaseSpaceMatrix) -> PhaseSpaceMatrix {
        PhaseSpaceMatrix(rows: zip(a.rows, b.rows).map { zip($0, $1).map { $0 + $1 } })
    }

    var transposed: PhaseSpaceMatrix { PhaseSpaceMatrix(rows: [[rows[0][0], rows[1][0]], [rows[0][1], rows[1][1]]]) }

    /// The solution Σ of the discrete Lyapunov equation Σ = A Σ Aᵀ + D, as Σ_n Aⁿ D (Aᵀ)ⁿ summed by doubling.
    static func stationaryCovariance(map: PhaseSpaceMatrix, noise: PhaseSpaceMatrix) -> PhaseSpaceMatrix {
        var (power, sum) = (map, noise)
        for _ in 0..<40 { (power, sum) = (power * power, sum + power * sum * power.transposed) }
        return sum
    }
}
