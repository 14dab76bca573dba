import ElectronicStructure
import ForceFields
import Lattices
import Testing

/// F_i = −∂Ω/∂Q_i, by differences of the potential.
@Suite struct ForceTests {
    @Test(arguments: [Reservoir.Particles.chemicalPotential(0), .chemicalPotential(-0.4), .filling(0.5), .filling(0.37)])
    func forcesAreTheGradient(particles: Reservoir.Particles) throws {
        let configurations = try [
            Samples.random(Samples.square, [6, 5]), Samples.random(Samples.square, [2, 6]),
            Samples.random(Samples.square, [1, 5]), Samples.random(Samples.chain, [13]),
            Samples.random(Samples.triangular, [5, 4]),
            Samples.random(Samples.honeycomb, [3, 4]),
        ]
        for displacement in configurations {
            let solver = ElectronicForceField(try Samples.model(temperature: 0.2, particles: particles), ExactDiagonalization())
            let electronic = solver
            let solution = try solver.solution(at: displacement)
            let electronicForces = try electronic.forces(at: displacement)
            #expect(electronicForces == solution.electronicForce)
            #expect(electronicForces.values.contains { abs($0) > 0.1 })
            for site in [0, 1, displacement.values.count - 1] {
                let step = 1e-4
                func slope(_ potential: (SiteField) throws -> Double) rethrows -> Double {
                    // The four-point formula: the error is of order step⁴.
                    let values = try [-2.0, -1, 1, 2].map { multiple in
                        var moved = displacement
                        moved[site] += multiple * step
                        return try potential(moved)
                    }
                    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
                }
                let total = try slope { try solver.solution(at: $0).potential! }
                let part = try slope { configuration in
                    var forces = SiteField(configuration.supercell)
                    return try electronic.computeForcesAndPotential(at: configuration, into: &forces)
                }
                #expect(abs(total + solution.force[site]) < 1e-8)
                #expect(abs(part + electronicForces[site]) < 1e-8)
            }
        }
    }

    @Test func densityFollowsFromTheForce() throws {
        let displacement = try Samples.random(Samples.square, [5, 4])
        let model = try Samples.model()
        let solution = try ElectronicForceField(model, ExactDiagonalization()).solution(at: displacement)
        let density = model.density(fromElectronicForce: solution.electronicForce)
        #expect(largestDifference(density!.values, solution.density.values) < 1e-15)
        #expect(try Samples.model(coupling: 0).density(fromElectronicForce: solution.electronicForce) == nil)
    }
}
