import Lattices
import Models
import Observables
import Recipes

/// A generator g of the symmetry group of electrons on a supercell, whose operations are products of generators.
package struct SymmetryGenerator {
    /// In words, such as `rotation by 90°`.
    let name: String
    /// g⁻¹Q of a field of displacements, and as well of forces.
    let inverse: (SiteField) -> SiteField

    /// A translation by one cell along every primitive vector, generators of the point group, as far as it maps the supercell onto
    /// itself, and particle–hole where there are as many electrons as holes on two sublattices.
    package static func all(of supercell: Supercell, electrons: AdiabaticModel) -> [SymmetryGenerator] {
        let directions = supercell.size.indices
        let translations = directions.filter { supercell.size[$0] > 1 }.map { direction in
            let back = directions.map { $0 == direction ? -1 : 0 }
            return SymmetryGenerator(name: "translation by a\(direction + 1)") { $0.translated(by: back) }
        }
        let group = PointGroup(of: supercell.lattice).subgroup { $0.preserves(supercell) }
        let operations = group.generators.map { g in
            let inverse = group.operations[group.inverse(of: g)]
            return SymmetryGenerator(name: group.operations[g].name) { $0.transformed(by: inverse) }
        }
        let particleHole =
            electrons.hasParticleHoleSymmetry(on: supercell.lattice) && SublatticeSigns(supercell) != nil
            ? [
                SymmetryGenerator(name: "particle–hole") { field in
                    var opposite = field
                    for k in opposite.values.indices { opposite.values[k] = -opposite.values[k] }
                    return opposite
                }
            ] : []
        return translations + operations + particleHole
    }

    /// The asymmetry of a force, ½‖gF(g⁻¹Q) − F(Q)‖/‖F(Q)‖ with norms over the sites of all fields, and the largest
    /// ½|gF(g⁻¹Q) − F(Q)| of a site divided by the root mean square of F.
    ///
    /// - Parameters:
    ///   - displacements: Q, at least one.
    ///   - forces: F at each of them.
    ///   - force: F of any other field, of electrons that are moved like it.
    func breaking(
        at displacements: [SiteField], _ forces: [SiteField], by force: (SiteField) throws -> SiteField
    ) throws -> (norm: Double, largest: Double) {
        var (lost, square, largest, count) = (0.0, 0.0, 0.0, 0)
        for (displacement, expected) in zip(displacements, forces) {
            // ‖gF(g⁻¹Q) − F(Q)‖ = ‖F(g⁻¹Q) − g⁻¹F(Q)‖: g keeps all norms.
            for (a, b) in zip(try force(inverse(displacement)).values, inverse(expected).values) {
                lost += (a - b) * (a - b) / 4
                square += b * b
                largest = max(largest, abs(a - b) / 2)
                count += 1
            }
        }
        let norm = max(square, .leastNormalMagnitude).squareRoot()
        return (lost.squareRoot() / norm, largest * Double(count).squareRoot() / norm)
    }
}
