import EquivariantNetworks
import LatticeNumerics
import Lattices
import Testing

/// Networks without some of the symmetries: what is left holds exactly, what is not does not.
@Suite struct ConvolutionSubgroupTests {
    private static let kinds = ConvolutionArchitecture.Symmetry.allCases

    private func field(
        _ symmetry: ConvolutionArchitecture.Symmetry, particleHole: Bool = true, singlePrecision: Bool = false
    ) throws -> (force: (SiteField) throws -> SiteField, displacement: SiteField) {
        let member = ConvolutionMember("\(symmetry)") {
            $0.channels = [3, 3]
            $0.encodingScales = [0.7, 3]
            $0.pairScales = [2]
            $0.symmetry = symmetry
            $0.particleHole = particleHole
        }
        let (model, parameters) = try ConvolutionSamples.model(member, ConvolutionSamples.square)
        let supercell = try Supercell(ConvolutionSamples.square, size: [6, 6])
        let force = try ConvolutionSamples.field(model, parameters, supercell, singlePrecision: singlePrecision)
        return ({ try force.forces(at: $0) }, randomField(supercell, scale: 2, seed: 9))
    }

    /// C4v has eight operations, two mirrors and their product with the identity are four.
    @Test(arguments: zip(kinds, [8, 4, 1])) func commutesWithTheSubgroupAlone(
        _ symmetry: ConvolutionArchitecture.Symmetry, _ order: Int
    ) throws {
        let (force, displacement) = try field(symmetry)
        let original = try force(displacement)
        var kept = 0
        for operation in PointGroup(of: ConvolutionSamples.square).operations {
            let difference = largestDifference(
                try force(displacement.transformed(by: operation)).values, original.transformed(by: operation).values)
            #expect(difference < 1e-12 || difference > 1e-3)
            if difference < 1e-12 { kept += 1 }
        }
        #expect(kept == order)
        let moved = try force(displacement.translated(by: [2, 5]))
        #expect(largestDifference(moved.values, original.translated(by: [2, 5]).values) < 1e-12)
    }

    @Test(arguments: kinds, [true, false]) func isOddIfWanted(
        _ symmetry: ConvolutionArchitecture.Symmetry, _ particleHole: Bool
    ) throws {
        let (force, displacement) = try field(symmetry, particleHole: particleHole)
        let mirrored = SiteField(displacement.supercell, values: displacement.values.map { -$0 })
        let difference = largestDifference(try force(displacement).values, try force(mirrored).values.map { -$0 })
        #expect(particleHole ? difference < 1e-12 : difference > 1e-2)
    }

    @Test(arguments: kinds, [true, false]) func precisionsAgree(
        _ symmetry: ConvolutionArchitecture.Symmetry, _ particleHole: Bool
    ) throws {
        let (double, displacement) = try field(symmetry, particleHole: particleHole)
        let (single, _) = try field(symmetry, particleHole: particleHole, singlePrecision: true)
        let force = try double(displacement).values
        #expect(force.map(abs).max()! > 1e-2)
        #expect(largestDifference(force, try single(displacement).values) < 1e-5)
    }

    @Test func aSubgroupIsAGroup() {
        let group = PointGroup(of: ConvolutionSamples.square)
        let rotations = group.subgroup { $0.matrix[0][0] * $0.matrix[1][1] - $0.matrix[0][1] * $0.matrix[1][0] > 0 }
        #expect(rotations.order == 4)
        for g in 0..<4 { #expect(rotations.product[g][rotations.inverse(of: g)] == 0) }
    }

    /// Biases take part in the gradient.
    @Test func gradientAgreesWithDifferences() throws {
        let member = ConvolutionMember("no symmetry") {
            $0.channels = [3, 3]
            $0.encodingScales = [0.7]
            $0.pairScales = [2]
            $0.symmetry = .none
            $0.particleHole = false
        }
        let samples = try ConvolutionSamples.samples(ConvolutionSamples.square, member.architecture)
        let (model, parameters) = try ConvolutionSamples.model(member, ConvolutionSamples.square, samples: samples)
        let loss = try model.lossGradient(samples, singlePrecision: false, pool: WorkerPool(threads: 1))
        let sites = samples.displacements.enumerated().flatMap { index, field in
            field.values.indices.map { SampleSite(configuration: index, site: $0) }
        }
        let (_, gradient) = loss.evaluate(parameters: parameters, sites: sites, huberThreshold: 0)
        #expect(gradient.contains { abs($0) > 1e-2 })
        for k in stride(from: 0, to: parameters.count, by: 7) {
            let values = [-1e-5, 1e-5].map { step in
                var moved = parameters
                moved[k] += step
                return loss.evaluate(parameters: moved, sites: sites, huberThreshold: 0).loss
            }
            #expect(abs((values[1] - values[0]) / 2e-5 - gradient[k]) < 1e-7)
        }
    }
}
