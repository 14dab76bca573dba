import Lattices

/// The classical part of a potential, C(x), whose forces stand where those of electrons do.
public protocol ClassicalForceField: ConservativeForceField, LocalForceField {
    /// Adds the forces on the sites of a box to what is there, as the last part of a sum.
    func addForces(at x: SiteField, in box: CellBox, to forces: inout SiteField)
    /// Takes the forces on the sites of a box off what is there, so that the other part of a sum is left.
    func subtractForces(at x: SiteField, in box: CellBox, from forces: inout SiteField)
}
