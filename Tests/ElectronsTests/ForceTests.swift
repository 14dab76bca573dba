import Electrons
import ForceFields
import Lattices
import Testing

@Suite struct ForceTests {
    @Test func densityFollowsFromTheForce() throws {
        let displacement = try Samples.random(Samples.square, [5, 4])
        let model = try Samples.model()
        let solution = try ElectronicForceField(model, ExactDiagonalization()).solution(at: displacement)
        let density = model.density(fromElectronicForce: solution.electronicForce)
        #expect(largestDifference(density!.values, solution.density.values) < 1e-15)
        #expect(try Samples.model(coupling: 0).density(fromElectronicForce: solution.electronicForce) == nil)
    }
}
