import ElectronicStructure
import Lattices
import Testing

@Suite struct ModelTests {
    @Test func mistakesAreNamed() {
        func message(
            hopping: Double = 1, coupling: Double = 1, stiffness: Double = 1, neighbor: Double = 0, temperature: Double = 0.1,
            reservoir: Reservoir = .chemicalPotential(0)
        ) -> String? {
            let error = #expect(throws: ModelError.self) {
                try HolsteinModel(
                    hopping: hopping, coupling: coupling, stiffness: stiffness, neighborStiffness: neighbor,
                    temperature: temperature, reservoir: reservoir)
            }
            return error?.description
        }
        #expect(message(hopping: .nan) == "hopping: nan; a finite number is needed")
        #expect(message(coupling: .infinity) == "coupling: inf; a finite number is needed")
        #expect(message(stiffness: -.infinity) == "stiffness: -inf; a finite number is needed")
        #expect(message(neighbor: .nan) == "neighbor_stiffness: nan; a finite number is needed")
        #expect(message(temperature: -0.1) == "temperature: -0.1; k_BT ≥ 0 is needed")
        #expect(message(temperature: .nan) == "temperature: nan; a finite number is needed")
        #expect(message(reservoir: .chemicalPotential(.nan)) == "chemical_potential: nan; a finite number is needed")
        for filling in [0, 1, -0.5, 1.5, .nan] {
            let expected = "filling: \(filling); more than 0 and less than 1 electron a site is needed"
            #expect(message(reservoir: .filling(filling)) == expected)
        }
    }

    @Test func elasticPart() throws {
        let displacement = try Samples.random(Samples.square, [4, 5])
        let elastic = try Samples.model().elasticForceField(on: displacement.supercell)
        #expect(elastic.stiffness == 1)
        #expect(elastic.neighborStiffness == 0.18)
    }
}
