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

extension PhaseSpaceState {
    /// Every site at rest at zero.
    static func rest(_ supercell: Supercell, forceField: any ForceField) throws -> PhaseSpaceState {
        try PhaseSpaceState(displacement: SiteField(supercell), velocity: SiteField(supercell), forceField: forceField)
    }
}
