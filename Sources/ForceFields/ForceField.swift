import Lattices

/// A rule that turns a configuration into forces: the contract between electrons, networks and dynamics.
///
/// Dynamics sees nothing else. A force field is exact or learned, elastic or electronic, or a sum of such.
public protocol ForceField: Sendable {
    /// Forces on every site variable.
    ///
    /// - Parameters:
    ///   - displacement: the configuration Q.
    ///   - forces: overwritten with F, on the same supercell and with the same components.
    /// - Throws: what keeps the forces from being computed, naming the cause.
    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws

    /// The force field that dynamics evaluates at a step: one term of the average, if the force field is an average whose terms are
    /// sampled; by default the force field itself.
    ///
    /// - Parameters:
    ///   - step: the step that the configuration belongs to, counted from the start of the trajectory.
    ///   - seed: of the trajectory. The choice depends on step and seed alone.
    func atStep(_ step: Int, seed: UInt64) -> Self
}

extension ForceField {
    public func atStep(_ step: Int, seed: UInt64) -> Self { self }
}

/// A force field that is the gradient of a potential, F_i = −∂Ω/∂Q_i.
public protocol ConservativeForceField: ForceField {
    /// Forces as in ``ForceField/computeForces(at:into:)`` and, from the same calculation, the potential Ω(Q) in units of the
    /// hopping.
    func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double
}

extension ConservativeForceField {
    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        _ = try computeForcesAndPotential(at: displacement, into: &forces)
    }
}

extension ForceField {
    /// The forces as a new field.
    public func forces(at displacement: SiteField) throws -> SiteField {
        var forces = SiteField(displacement.supercell, kind: displacement.kind)
        try computeForces(at: displacement, into: &forces)
        return forces
    }
}
