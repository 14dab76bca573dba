import Dynamics
import ForceFields
import Lattices

/// The square lattice, lattice constant 1.
let square = try! Lattice(
    name: "square", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
    bonds: [Lattice.Bond(from: 0, to: 0, cell: [1, 0]), Lattice.Bond(from: 0, to: 0, cell: [0, 1])])

func squareSupercell(_ width: Int, _ height: Int) -> Supercell { try! Supercell(square, size: [width, height]) }

/// F = −K Q on every component, scalar or vector; non-conservative on purpose.
struct HarmonicForce: ForceField {
    var stiffness = 1.0

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        for k in displacement.values.indices { forces.values[k] = -stiffness * displacement.values[k] }
    }
}

/// F = −Q + 0.1·step + 0.01·seed: another force at every step, and on average that of a spring. By itself it is −Q.
struct SteppedForce: LocalForceField {
    private var shift = 0.0
    var receptiveField: Int { 0 }
    var alignment: Int { 1 }

    func atStep(_ step: Int, seed: UInt64) -> SteppedForce {
        var force = self
        force.shift = 0.1 * Double(step) + 0.01 * Double(seed)
        return force
    }

    func computeForces(at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws {
        for site in box.siteRanges(in: displacement.supercell).joined() { forces[site] = shift - displacement[site] }
    }
}

extension PhaseSpaceState {
    /// Every site at rest at zero.
    static func rest(_ supercell: Supercell, forceField: any ForceField) throws -> PhaseSpaceState {
        try PhaseSpaceState(displacement: SiteField(supercell), velocity: SiteField(supercell), forceField: forceField)
    }
}
