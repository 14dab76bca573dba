import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Testing

/// Forces of the conservative head are the derivative of its potential.
@Suite struct ConvolutionConservativeTests {
    static let members = ConvolutionSamples.members.filter { $0.architecture.head == .conservative }

    @Test(arguments: members, [ConvolutionSamples.square, ConvolutionSamples.triangular])
    func forceIsTheDerivativeOfThePotential(_ member: ConvolutionMember, _ lattice: Lattice) throws {
        let supercell = try Supercell(lattice, size: [5, 4])
        let displacement = randomField(supercell, scale: 1.5, seed: 12)
        let (model, parameters) = try ConvolutionSamples.model(member, lattice)
        let field = try #require(ConvolutionSamples.field(model, parameters, supercell) as? any ConservativeForceField)
        var force = SiteField(supercell)
        _ = try field.computeForcesAndPotential(at: displacement, into: &force)
        #expect(force.values.map(abs).max()! > 1e-2)
        for site in 0..<supercell.siteCount {
            func potential(_ step: Double) throws -> Double {
                var moved = displacement
                moved[site] += step
                var scratch = SiteField(supercell)
                return try field.computeForcesAndPotential(at: moved, into: &scratch)
            }
            let h = 1e-3
            let difference = try (8 * (potential(h) - potential(-h)) - (potential(2 * h) - potential(-2 * h))) / (12 * h)
            #expect(abs(force[site] + difference) < 1e-8)
        }
        #expect(try field.jacobianAsymmetry(at: displacement, step: 1e-5).ratio < 1e-8)
    }

    @Test func aDirectHeadIsNot() throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [5, 4])
        let (model, parameters) = try ConvolutionSamples.model(ConvolutionSamples.members[0], ConvolutionSamples.square)
        let field = try ConvolutionSamples.field(model, parameters, supercell)
        #expect(!(field is any ConservativeForceField))
        #expect(try field.jacobianAsymmetry(at: randomField(supercell, scale: 1, seed: 1)).ratio > 1e-3)
    }
}
