import Electrons
import ForceFields
import Lattices
import Testing

/// Agreement with independent NumPy calculations.
@Suite struct ReferenceTests {
    @Test func allElevenCasesAreThere() {
        #expect(ReferenceCase.all.count == 11)
    }

    @Test(arguments: ReferenceCase.all)
    func agreesWithNumPy(reference: ReferenceCase) throws {
        let solution = try ElectronicForceField(reference.model(), ExactDiagonalization()).solution(
            at: reference.field("displacement"))
        #expect(largestDifference(solution.density.values, try reference.field("density").values) < 1e-10)
        #expect(largestDifference(solution.force.values, try reference.field("force").values) < 1e-10)
        #expect(largestDifference(solution.eigenvalues!, try reference.eigenvalues()) < 1e-10)
        #expect(abs(solution.potential! / reference.potential - 1) < 1e-9)
        #expect(abs(solution.electrons - reference.electrons) < 1e-10)
        #expect(abs(solution.chemicalPotential - reference.chemicalPotential) < 1e-10)
    }

    /// The force fields add up to the same forces and potential as the solution.
    @Test(arguments: ReferenceCase.all)
    func forceFieldsAddUp(reference: ReferenceCase) throws {
        let displacement = try reference.field("displacement")
        let model = try reference.model()
        let total = AdiabaticSumForceField(
            ElectronicForceField(model, ExactDiagonalization()), model.classicalPart(on: displacement.supercell))
        var forces = SiteField(displacement.supercell)
        let potential = try total.computeForcesAndPotential(at: displacement, into: &forces)
        #expect(largestDifference(forces.values, try reference.field("force").values) < 1e-10)
        #expect(abs(potential / reference.potential - 1) < 1e-9)
        #expect(try total.forces(at: displacement) == forces)
    }
}
