import Electrons
import Lattices
import Models
import Testing

@Suite struct ZeroTemperatureTests {
    @Test(arguments: [Reservoir.Particles.chemicalPotential(0.05), .filling(0.4), .filling(0.41)])
    func isTheLimit(particles: Reservoir.Particles) throws {
        let displacement = try Samples.random(Samples.square, [6, 5], scale: 1.5)
        func solution(_ temperature: Double) throws -> AdiabaticSolution {
            try ElectronicForceField(Samples.model(temperature: temperature, particles: particles), ExactDiagonalization())
                .solution(at: displacement)
        }
        let (zero, cold) = (try solution(0), try solution(1e-6))
        #expect(zero.gap! >= 0)
        #expect(largestDifference(zero.density.values, cold.density.values) < 1e-8)
        #expect(largestDifference(zero.force.values, cold.force.values) < 1e-7)
        #expect(abs(zero.potential! - cold.potential!) < 1e-5)
    }

    /// Half-filled degenerate levels at μ are filled alike, so that the density stays uniform.
    @Test(arguments: [Reservoir.Particles.chemicalPotential(0), .filling(0.5)])
    func degenerateLevelsAreFilledAlike(particles: Reservoir.Particles) throws {
        let displacement = SiteField(try Supercell(Samples.square, size: [8, 8]))
        let state = try ElectronicForceField(Samples.model(temperature: 0, particles: particles), ExactDiagonalization()).solve(
            displacement)
        #expect(state.eigenvalues!.filter { abs($0) < 1e-9 }.count == 14)
        #expect(largestDifference(state.density.values, [Double](repeating: 0.5, count: 64)) < 1e-13)
        #expect(state.gap == 0)
        let doped = try ElectronicForceField(Samples.model(temperature: 0, particles: .filling(0.47)), ExactDiagonalization())
            .solve(displacement)
        #expect(largestDifference(doped.density.values, [Double](repeating: 0.47, count: 64)) < 1e-13)
    }

    /// At T = 0 the potential at fixed filling is the energy of the occupied levels.
    @Test func potentialIsTheEnergy() throws {
        let displacement = try Samples.random(Samples.square, [6, 4])
        let state = try ElectronicForceField(Samples.model(temperature: 0, particles: .filling(0.25)), ExactDiagonalization())
            .solve(displacement)
        let energy = state.eigenvalues!.prefix(6).reduce(0, +)
        #expect(energy < -6)
        #expect(abs(state.potential! - energy) < 1e-12)
        #expect(abs(state.chemicalPotential - (state.eigenvalues![5] + state.eigenvalues![6]) / 2) < 1e-15)
    }

    @Test func gapNeedsLevelsOnBothSides() throws {
        let displacement = SiteField(try Supercell(Samples.square, size: [4, 4]))
        let empty = try ElectronicForceField(Samples.model(particles: .chemicalPotential(-9)), ExactDiagonalization()).solve(
            displacement)
        #expect(empty.gap == nil)
        #expect(empty.electrons < 1e-15)
    }
}
