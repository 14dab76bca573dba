import ForceFields
import LatticeNumerics
import Lattices

/// How far a force field is from being the gradient of a potential: ‖J − Jᵀ‖/‖J + Jᵀ‖ of its Jacobian J_ij = ∂F_i/∂Q_j.
///
/// Random vectors u, v of signs have ⟨(uᵀAv)²⟩ = ‖A‖², so both norms follow from products J v, and these from differences of
/// the forces at Q ± h v. The result is 0 for conservative forces, up to the error of the differences, and 1 if nothing of
/// the Jacobian is symmetric in the mean.
///
/// M. F. Hutchinson, Commun. Stat. Simul. Comput. 18, 1059 (1989), doi:10.1080/03610918908812806.
struct NonConservativePart {
    /// J v for each vector v.
    private let products: [[Double]]
    private let vectors: [[Double]]

    /// The error is that of the square root of a mean over count (count − 1)/2 pairs.
    init(of forceField: any ForceField, at displacement: SiteField, count: Int = 12) throws {
        let stream = RandomStream(seed: 1, purpose: .initialDisplacement)
        let step = 1e-4
        vectors = (0..<count).map { index in
            stream.normals(count: displacement.values.count, step: index).map { $0 < 0 ? -1 : 1 }
        }
        products = try vectors.map { vector in
            func forces(_ sign: Double) throws -> [Double] {
                var moved = displacement
                for k in vector.indices { moved.values[k] += sign * step * vector[k] }
                return try forceField.forces(at: moved).values
            }
            return zip(try forces(1), try forces(-1)).map { ($0 - $1) / (2 * step) }
        }
    }

    /// ‖J − Jᵀ‖/‖J + Jᵀ‖
    var ratio: Double {
        var (antisymmetric, symmetric) = (0.0, 0.0)
        for i in vectors.indices {
            for j in vectors.indices where j < i {
                let (a, b) = (product(vectors[i], products[j]), product(vectors[j], products[i]))
                antisymmetric += (a - b) * (a - b)
                symmetric += (a + b) * (a + b)
            }
        }
        return (antisymmetric / symmetric).squareRoot()
    }

    private func product(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
}
