import Lattices

extension ForceField {
    /// How far the forces are from those of a potential: the antisymmetric part of their Jacobian relative to the symmetric.
    ///
    /// With J_ab = ∂F_a/∂Q_b by central differences, between all pairs of the given values,
    ///
    ///     √ Σ_{a<b} (J_ab − J_ba)² / √ Σ_{a<b} (J_ab + J_ba)²
    ///
    /// It is zero for the gradient of a potential (equality of mixed second derivatives), to within third derivatives times the
    /// step squared and the rounding of the forces divided by the step, so give forces in double precision; it is 1 if a acts
    /// on b but b not on a. The forces are computed twice for each value.
    ///
    /// - Parameters:
    ///   - displacement: the configuration Q.
    ///   - indices: of values of the field; sites near one another, such as a site and its neighbours.
    ///   - step: of the difference.
    /// - Returns: 0 also if none of the values acts on another.
    /// - Throws: what ``computeForces(at:into:)`` throws.
    public func jacobianAsymmetry(at displacement: SiteField, between indices: [Int], step: Double = 1e-4) throws -> Double {
        precondition(step > 0, "a positive step")
        var moved = displacement
        let columns = try indices.map { index -> [Double] in
            moved.values[index] = displacement.values[index] + step
            let above = try forces(at: moved)
            moved.values[index] = displacement.values[index] - step
            let below = try forces(at: moved)
            moved.values[index] = displacement.values[index]
            return indices.map { (above.values[$0] - below.values[$0]) / (2 * step) }
        }
        var antisymmetric = 0.0
        var symmetric = 0.0
        for a in indices.indices {
            for b in indices.indices[..<a] {
                let (forward, backward) = (columns[a][b], columns[b][a])
                antisymmetric += (forward - backward) * (forward - backward)
                symmetric += (forward + backward) * (forward + backward)
            }
        }
        return symmetric > 0 ? (antisymmetric / symmetric).squareRoot() : antisymmetric > 0 ? .infinity : 0
    }
}
