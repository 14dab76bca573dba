import LatticeNumerics
import Lattices

/// How far the forces at a configuration are from those of a potential: norms of the two parts of their Jacobian
/// J_ab = ∂F_a/∂Q_b over all N values of the field.
///
/// The mixed second derivatives of a potential are equal, so J = Jᵀ if there is one. Norms are Frobenius norms.
public struct JacobianAsymmetry: Sendable, Equatable {
    /// ‖J − Jᵀ‖/√N, zero for conservative forces to within rounding.
    public let antisymmetric: Double
    /// ‖J + Jᵀ‖/√N.
    public let symmetric: Double
    /// Tr J/N: minus the mean curvature of the potential, if there is one.
    public let meanDiagonal: Double
    /// One standard error of ``ratio``, from leaving out one random vector at a time.
    public let ratioError: Double

    /// ‖J − Jᵀ‖/‖J + Jᵀ‖: 0 for conservative forces (also for constant ones), 1 if J_ab and J_ba have nothing to do with each
    /// other, infinite for a rotation.
    public var ratio: Double { Self.ratio(antisymmetric, symmetric) }

    private static func ratio(_ antisymmetric: Double, _ symmetric: Double) -> Double {
        antisymmetric == 0 ? 0 : antisymmetric / symmetric
    }

    /// From the products u_iᵀ J u_j of random vectors of signs.
    fileprivate init(products: [[Double]], count: Int) {
        /// The root mean squares over pairs of vectors without the one that is left out.
        func norms(without left: Int?) -> (antisymmetric: Double, symmetric: Double) {
            var (antisymmetric, symmetric, pairs) = (0.0, 0.0, 0.0)
            for i in products.indices where i != left {
                for j in products.indices[..<i] where j != left {
                    let (forward, backward) = (products[i][j], products[j][i])
                    antisymmetric += (forward - backward) * (forward - backward)
                    symmetric += (forward + backward) * (forward + backward)
                    pairs += 1
                }
            }
            let scale = pairs * Double(count)
            return ((antisymmetric / scale).squareRoot(), (symmetric / scale).squareRoot())
        }
        (antisymmetric, symmetric) = norms(without: nil)
        meanDiagonal = products.indices.reduce(0) { $0 + products[$1][$1] } / Double(products.count * count)
        let partial = products.indices.map { left in
            let norms = norms(without: left)
            return Self.ratio(norms.antisymmetric, norms.symmetric)
        }
        let mean = partial.reduce(0, +) / Double(partial.count)
        let squares = partial.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        ratioError = (Double(partial.count - 1) / Double(partial.count) * squares).squareRoot()
    }
}

extension ForceField {
    /// Estimates the parts of the Jacobian of the whole field with random vectors u of signs.
    ///
    /// For independent u and v of random signs ⟨(uᵀ A v)²⟩ = ‖A‖², so the norms of J ± Jᵀ follow from the products J v, and these
    /// from central differences of the forces at Q ± h v. Their error is that of third derivatives times h², and of the rounding
    /// of the forces divided by h, so give forces in double precision. The forces are computed twice for each vector.
    ///
    /// Source: Hutchinson, Commun. Stat. Simul. Comput. 18, 1059 (1989), doi:10.1080/03610918908812806.
    ///
    /// - Parameters:
    ///   - displacement: the configuration Q.
    ///   - vectors: how many random vectors, at least 3; a norm is the root of a mean over their pairs.
    ///   - step: h, of the differences.
    ///   - seed: of the vectors.
    /// - Throws: what ``computeForces(at:into:)`` throws.
    public func jacobianAsymmetry(
        at displacement: SiteField, vectors: Int = 12, step: Double = 1e-4, seed: UInt64 = 1
    ) throws -> JacobianAsymmetry {
        precondition(vectors >= 3 && step > 0, "three vectors and a positive step")
        let count = displacement.values.count
        let stream = RandomStream(seed: seed, purpose: .genericElement)
        let signs = (0..<vectors).map { index in stream.normals(count: count, step: index).map { $0 < 0 ? -1.0 : 1 } }
        var scratch = displacement
        /// J v.
        func product(_ vector: [Double]) throws -> [Double] {
            func forces(_ factor: Double) throws -> [Double] {
                var moved = displacement
                for k in vector.indices { moved.values[k] += factor * vector[k] }
                try computeForces(at: moved, into: &scratch)
                return scratch.values
            }
            return zip(try forces(step), try forces(-step)).map { ($0 - $1) / (2 * step) }
        }
        let columns = try signs.map(product)
        let products = signs.map { row in columns.map { column in zip(row, column).reduce(0) { $0 + $1.0 * $1.1 } } }
        return JacobianAsymmetry(products: products, count: count)
    }
}
