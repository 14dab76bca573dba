import LatticeNumerics

/// The curvature of the loss at parameters θ that least squares have found, in its principal directions.
///
///     A = ⟨w JᵀJ⟩ = Σ_k λ_k v_k v_kᵀ,     J = ∂r/∂θ
///
/// with the mean over all components of all forces, their relative errors r and the weights w of Levenberg–Marquardt. A ridge ϱ
/// holds the parameters besides. Laplace's approximation takes models of the same loss, to second order, for as good:
///
///     θ_m = θ + τ Σ_k z_mk v_k/√(λ_k + ϱ),     z normal,     τ² = f² ⟨w r²⟩/ν,     ν = Σ_k λ_k/(λ_k + ϱ)
///
/// The error of a model that fits as well as its architecture can is no noise from site to site, so the number of forces says
/// nothing about τ. With f = 1 the mean square of the spread on the training data would be that of the error, and a few models would
/// be wild somewhere. Here it is a hundredth, f = 0.01, at which forces are linear in the displacement of the parameters; the
/// calibration of the spread makes up for it. Forces of these models differ little, so they need double precision.
///
/// P.-S. de Laplace (1774), transl. S. M. Stigler, Stat. Sci. 1, 364 (1986), doi:10.1214/ss/1177013620; D. J. C. MacKay, Neural
/// Comput. 4, 448 (1992), doi:10.1162/neco.1992.4.3.448.
public struct FitCurvature: Sendable, Equatable {
    /// λ_k in ascending order.
    public let eigenvalues: [Double]
    /// ϱ
    public let ridge: Double
    /// ⟨w r²⟩
    let meanSquare: Double
    /// v_k, one after the other.
    private let directions: [[Double]]

    /// f
    static let spread = 0.01
    /// λ + ϱ below this part of the largest is none: the parameters act on nothing there.
    private static let leastCurvature = 1e-14

    /// - Parameters:
    ///   - matrix: A, row-major.
    ///   - ridge: ϱ
    ///   - meanSquare: ⟨w r²⟩
    /// - Throws: `LinearAlgebraError` if the matrix is not finite.
    init(_ matrix: [Double], ridge: Double, meanSquare: Double) throws {
        let count = Int(Double(matrix.count).squareRoot())
        let solver = SymmetricEigensolver(dimension: count)
        _ = solver.matrix.update(fromContentsOf: matrix)
        try solver.solve()
        eigenvalues = Array(solver.eigenvalues)
        directions = (0..<count).map { Array(solver.matrix[$0 * count..<($0 + 1) * count]) }
        self.ridge = ridge
        self.meanSquare = meanSquare
    }

    /// Models around the fitted one, as many as asked for.
    ///
    /// - Parameters:
    ///   - parameters: θ
    ///   - seed: of the normal numbers.
    public func draws(_ count: Int, around parameters: [Double], seed: UInt64) -> [[Double]] {
        let curvatures = eigenvalues.map { max(0, $0) + ridge }
        let least = Self.leastCurvature * (curvatures.last ?? 0)
        let fixed = zip(eigenvalues, curvatures).reduce(0) { $0 + ($1.1 > least ? max(0, $1.0) / $1.1 : 0) }
        guard fixed > 0 else { return [[Double]](repeating: parameters, count: count) }
        let scale = Self.spread * (meanSquare / fixed).squareRoot()
        let stream = RandomStream(seed: seed, purpose: .posterior)
        return (0..<count).map { member in
            let normals = stream.normals(count: eigenvalues.count, step: member)
            var moved = parameters
            for k in curvatures.indices where curvatures[k] > least {
                let length = scale * normals[k] / curvatures[k].squareRoot()
                for index in moved.indices { moved[index] += length * directions[k][index] }
            }
            return moved
        }
    }
}
