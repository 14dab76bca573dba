import Lattices

/// The classical part of a potential, C(x), whose forces stand where those of electrons do.
public protocol ClassicalForceField: ConservativeForceField, LocalForceField {
    /// Adds the forces on the sites of a box to what is there, as the last part of a sum.
    func addForces(at x: SiteField, in box: CellBox, to forces: inout SiteField)
    /// Takes the forces on the sites of a box off what is there, so that the other part of a sum is left.
    func subtractForces(at x: SiteField, in box: CellBox, from forces: inout SiteField)
}

/// Electronic and classical forces together; local or conservative if the electronic part is. The classical forces are added where
/// the electronic ones stand, without a second field.
public struct AdiabaticSumForceField<Electronic: ForceField>: ForceField {
    /// The electronic part.
    public let electronic: Electronic
    /// What is added to it.
    public let classical: any ClassicalForceField

    /// The sum of two force fields of the same site variables.
    public init(_ electronic: Electronic, _ classical: any ClassicalForceField) {
        self.electronic = electronic
        self.classical = classical
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try electronic.computeForces(at: displacement, into: &forces)
        classical.addForces(at: displacement, in: CellBox(displacement.supercell), to: &forces)
    }

    public func atStep(_ step: Int, seed: UInt64) -> Self { Self(electronic.atStep(step, seed: seed), classical) }
}

extension AdiabaticSumForceField: LocalForceField where Electronic: LocalForceField {
    public var receptiveField: Int { max(electronic.receptiveField, classical.receptiveField) }
    public var alignment: Int { electronic.alignment }

    public func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        try electronic.computeForces(at: displacement, in: box, extent: extent, into: &forces)
        classical.addForces(at: displacement, in: box, to: &forces)
    }
}

extension AdiabaticSumForceField: ConservativeForceField where Electronic: ConservativeForceField {
    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        var part = SiteField(displacement.supercell, kind: displacement.kind)
        let potential =
            try electronic.computeForcesAndPotential(at: displacement, into: &forces)
            + classical.computeForcesAndPotential(at: displacement, into: &part)
        for k in forces.values.indices { forces.values[k] += part.values[k] }
        return potential
    }
}
