import Electrons
import Lattices
import Models
import Testing

@Suite struct SymmetryTests {
    private static let reservoirs = [Reservoir.Particles.chemicalPotential(0), .chemicalPotential(0.3), .filling(0.4)]

    /// Random and symmetric configurations: random, uniform, perfect CDW, straight kink.
    private static func configurations(_ size: [Int]) throws -> [SiteField] {
        let wave = try Samples.chargeDensityWave(Samples.square, size, amplitude: 1.3)
        var kink = wave
        for site in kink.values.indices where kink.supercell.cell(of: site)[0] >= size[0] / 2 { kink[site] *= -1 }
        return [
            try Samples.random(Samples.square, size, scale: 1.5), SiteField(wave.supercell, repeating: 0.4), wave, kink,
        ]
    }

    @Test(arguments: reservoirs)
    func operationsAndTranslations(particles: Reservoir.Particles) throws {
        let group = PointGroup(of: Samples.square)
        #expect(group.order == 8)
        for displacement in try Self.configurations([8, 8]) {
            let solver = ElectronicForceField(try Samples.model(particles: particles), ExactDiagonalization())
            let solution = try solver.solution(at: displacement)
            let images: [(SiteField) -> SiteField] =
                group.operations.map { operation in { $0.transformed(by: operation) } }
                + [[1, 0], [0, 1], [3, -2]].map { shift in { $0.translated(by: shift) } }
            for image in images {
                let moved = try solver.solution(at: image(displacement))
                #expect(largestDifference(moved.density.values, image(solution.density).values) < 1e-11)
                #expect(largestDifference(moved.force.values, image(solution.force).values) < 1e-11)
                #expect(abs(moved.potential! - solution.potential!) < 1e-10)
            }
        }
    }

    /// n(−Q) = 1 − n(Q) and F(−Q) = −F(Q) at μ = 0; at filling ν the partner has filling 1 − ν and −μ.
    @Test func particlesAndHoles() throws {
        for displacement in try Self.configurations([8, 6]) {
            var negative = displacement
            for site in negative.values.indices { negative[site] *= -1 }
            for temperature in [0, 0.005, 0.1] {
                for (particles, partner) in [
                    (Reservoir.Particles.chemicalPotential(0), Reservoir.Particles.chemicalPotential(0)),
                    (.filling(0.5), .filling(0.5)),
                    (.filling(0.3), .filling(0.7)),
                ] {
                    let model = try Samples.model(temperature: temperature, particles: particles)
                    let partnerModel = try Samples.model(temperature: temperature, particles: partner)
                    let solution = try ElectronicForceField(model, ExactDiagonalization()).solution(at: displacement)
                    let mirrored = try ElectronicForceField(partnerModel, ExactDiagonalization()).solution(at: negative)
                    // A cold partly filled level passes on the rounding of the levels, 10⁻¹⁵/k_BT.
                    let tolerance = particles == .chemicalPotential(0) ? 1e-12 : 1e-11
                    #expect(largestDifference(mirrored.density.values, solution.density.values.map { 1 - $0 }) < tolerance)
                    #expect(largestDifference(mirrored.force.values, solution.force.values.map { -$0 }) < 2 * tolerance)
                    #expect(abs(mirrored.chemicalPotential + solution.chemicalPotential) < 1e-11)
                }
            }
        }
    }

    @Test func electronsAddUp() throws {
        for temperature in [0, 0.005, 0.1] {
            for filling in [0.013, 0.25, 0.5, 0.9] {
                let solver = ElectronicForceField(
                    try Samples.model(temperature: temperature, particles: .filling(filling)), ExactDiagonalization())
                for displacement in try Self.configurations([8, 6]) {
                    let state = try solver.solve(displacement)
                    #expect(abs(state.density.values.reduce(0, +) - filling * 48) < 1e-10)
                    #expect(abs(state.electrons - filling * 48) < 1e-10)
                }
            }
        }
    }
}
