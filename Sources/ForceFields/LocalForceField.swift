import Lattices

/// A force field whose force on a site depends on the surroundings of the site alone, so that a part of the lattice can be done
/// by itself: a domain of a larger lattice, or a piece of a domain while the rest is not there yet.
///
/// Whatever boxes a lattice is cut into, every force has the same bits, if the boxes begin at multiples of ``alignment`` and
/// all are told the ``FieldExtent`` of the whole lattice.
public protocol LocalForceField: ForceField {
    /// How far, in cells along any direction, the force on a site sees.
    var receptiveField: Int { get }
    /// Boxes begin at cells whose coordinates in the whole lattice are multiples of this.
    var alignment: Int { get }

    /// Forces on the sites of a box.
    ///
    /// - Parameters:
    ///   - displacement: the configuration Q; it has to be right in the box and ``receptiveField`` cells around it.
    ///   - box: cells of the field's supercell.
    ///   - extent: of the displacement over the whole lattice, of which the field may be a part.
    ///   - forces: overwritten with F in the box and left as they are elsewhere.
    /// - Throws: what keeps the forces from being computed, naming the cause.
    func computeForces(at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws
}

extension LocalForceField {
    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try computeForces(
            at: displacement, in: CellBox(displacement.supercell), extent: FieldExtent(of: displacement), into: &forces)
    }
}
