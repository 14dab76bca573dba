import Lattices

/// The sum of two force fields; conservative if both are.
public struct SumForceField<First: ForceField, Second: ForceField>: ForceField {
    /// The part that is computed first.
    public let first: First
    /// The part that is added to it.
    public let second: Second

    /// The sum of two force fields of the same site variables.
    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try first.computeForces(at: displacement, into: &forces)
        let part = try second.forces(at: displacement)
        for k in forces.values.indices { forces.values[k] += part.values[k] }
    }
}

extension SumForceField: ConservativeForceField where First: ConservativeForceField, Second: ConservativeForceField {
    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        var part = SiteField(displacement.supercell, components: displacement.components)
        let potential =
            try first.computeForcesAndPotential(at: displacement, into: &forces)
            + second.computeForcesAndPotential(at: displacement, into: &part)
        for k in forces.values.indices { forces.values[k] += part.values[k] }
        return potential
    }
}
