import ForceFields
import Lattices
import Models
import Testing

@Suite struct ModelTests {
    @Test func mistakesAreNamed() {
        func message(
            hopping: Double = 1, coupling: Double = 1, stiffness: Double = 1, neighbor: Double = 0, temperature: Double = 0.1,
            particles: Reservoir.Particles = .chemicalPotential(0)
        ) -> String? {
            let error = #expect(throws: ModelError.self) {
                try AdiabaticModel.holstein(
                    hopping: hopping, coupling: coupling, stiffness: stiffness, neighborStiffness: neighbor,
                    temperature: temperature, particles: particles)
            }
            return error?.description
        }
        #expect(message(hopping: .nan) == "hopping: nan; a finite number is needed")
        #expect(message(coupling: .infinity) == "coupling: inf; a finite number is needed")
        #expect(message(stiffness: -.infinity) == "stiffness: -inf; a finite number is needed")
        #expect(message(neighbor: .nan) == "neighbor_stiffness: nan; a finite number is needed")
        #expect(message(temperature: -0.1) == "temperature: -0.1; a finite number from 0 is needed")
        #expect(message(temperature: .nan) == "temperature: nan; a finite number is needed")
        #expect(message(particles: .chemicalPotential(.nan)) == "chemical_potential: nan; a finite number is needed")
        for filling in [0, 1, -0.5, 1.5, .nan] {
            let allowed = filling.isNaN ? "a finite number" : "a number between 0.0 and 1.0, both excluded"
            let expected = "filling: \(filling); \(allowed) is needed"
            #expect(message(particles: .filling(filling)) == expected)
        }
    }

    @Test func classicalPart() throws {
        let displacement = try Samples.random(Samples.square, [4, 5])
        let classical = try Samples.model().classicalPart(on: displacement.supercell)
        let elastic = ElasticForceField(displacement.supercell, stiffness: 1, neighborStiffness: 0.18)
        #expect(try classical.forces(at: displacement) == elastic.forces(at: displacement))
    }

    @Test func parametersByTheirKeys() throws {
        let model = try Samples.model(coupling: 2, particles: .filling(0.3))
        let own = ["hopping", "coupling", "stiffness", "neighbor_stiffness", "onsite_disorder", "spin_degeneracy"]
        #expect(model.parameters.map(\.key) == own + ["temperature", "chemical_potential", "filling"])
        #expect(model.values == [[1], [2], [1], [0.18], [0], [1], [0.1], [], [0.3]])
        #expect(model.parameters.map(\.standard) == [[1], [3.5], [1], [0.18], [0], [1], [0.1], [0], []])
        #expect(model.listedParameters.map(\.listKey) == ["temperatures", "couplings", "chemical_potentials"])
        #expect(model["coupling"] == 2 && model["temperature"] == 0.1 && model["filling"] == 0.3)
        #expect(model["chemical_potential"] == nil && model["exchange"] == nil)
        let other = try model.with("coupling", 3).with("chemical_potential", 0.2)
        #expect(other == (try Samples.model(coupling: 3, particles: .chemicalPotential(0.2))) && other != model)
        #expect(throws: ModelError.self) { try model.with("exchange", 1) }
    }
}
