import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
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

    /// Networks that lack operations, with every kind of field, both heads and a baseline: the member, and its lattice.
    static let symmetrized: [(member: ConvolutionMember, lattice: Lattice)] = {
        func member(_ name: String, _ change: (inout ConvolutionArchitecture) -> Void) -> ConvolutionMember {
            ConvolutionMember(name) {
                $0.channels = [3, 3]
                $0.encodingScales = [0.7, 3]
                $0.pairScales = [2]
                $0.symmetry = .none
                $0.particleHole = false
                change(&$0)
            }
        }
        return [
            (member("none") { _ in }, ConvolutionSamples.square), (member("none, chain") { _ in }, ConvolutionSamples.chain),
            (member("none, cubic") { $0.channels = [2] }, ConvolutionSamples.cubic),
            (member("mirrors") { $0.symmetry = .mirrors }, ConvolutionSamples.square),
            // Here the mirrors are no normal subgroup: its images have other symmetries than the network.
            (member("mirrors, triangular") { $0.symmetry = .mirrors }, ConvolutionSamples.triangular),
            (member("irreps, mirrors") { ($0.fields, $0.symmetry) = (.irreps, .mirrors) }, ConvolutionSamples.triangular),
            (member("scalar, mirrors") { ($0.fields, $0.symmetry) = (.scalar, .mirrors) }, ConvolutionSamples.square),
            (member("conservative") { $0.head = .conservative }, ConvolutionSamples.square),
            (member("baseline") { $0.baseline = LocalBaseline() }, ConvolutionSamples.square),
        ]
    }()

    private static func symmetrized(_ member: ConvolutionMember) -> ConvolutionMember {
        var architecture = member.architecture
        architecture.symmetrize = .mean
        return ConvolutionMember(member.name + ", mean") { $0 = architecture }
    }

    /// The mean has every operation of the point group, and is the mean over all of them of the moved forces at moved fields.
    @Test(arguments: symmetrized.indices) func theMeanHasEveryOperation(_ index: Int) throws {
        let (member, lattice) = Self.symmetrized[index]
        let supercell = try Supercell(lattice, size: [[6], [6, 6], [4, 4, 4]][lattice.dimension - 1])
        let displacement = randomField(supercell, scale: 2, seed: 9)
        let group = PointGroup(of: lattice)
        let (plain, parameters) = try ConvolutionSamples.model(member, lattice)
        let (mean, same) = try ConvolutionSamples.model(Self.symmetrized(member), lattice)
        #expect(parameters == same && mean.multiplyAdds % plain.multiplyAdds == 0 && mean.multiplyAdds > plain.multiplyAdds)
        for singlePrecision in [false, true] {
            let tolerance = singlePrecision ? 2e-5 : 1e-12
            let field = try ConvolutionSamples.field(plain, parameters, supercell, singlePrecision: singlePrecision)
            let averaged = try ConvolutionSamples.field(mean, parameters, supercell, singlePrecision: singlePrecision)
            #expect(averaged is any ConservativeForceField == field is any ConservativeForceField)
            #expect(averaged is any LocalForceField == field is any LocalForceField)
            let force = try averaged.forces(at: displacement)
            var naive = SiteField(supercell)
            for (g, operation) in group.operations.enumerated() {
                let moved = try field.forces(at: displacement.transformed(by: group.operations[group.inverse(of: g)]))
                naive.values = zip(naive.values, moved.transformed(by: operation).values).map { $0 + $1 / Double(group.order) }
                let turned = try averaged.forces(at: displacement.transformed(by: operation))
                #expect(largestDifference(turned.values, force.transformed(by: operation).values) < tolerance)
            }
            #expect(largestDifference(force.values, naive.values) < tolerance)
            #expect(largestDifference(force.values, try field.forces(at: displacement).values) > 1e-3)
        }
    }

    /// The potential of a conservative mean: its force is its gradient.
    @Test func theMeanOfEnergiesHasTheMeanForce() throws {
        let (member, lattice) = try #require(Self.symmetrized.first { $0.member.name == "conservative" })
        let (model, parameters) = try ConvolutionSamples.model(Self.symmetrized(member), lattice)
        let supercell = try Supercell(lattice, size: [4, 5])
        let field = try #require(
            ConvolutionSamples.field(model, parameters, supercell) as? any ConservativeForceField)
        var (displacement, forces) = (randomField(supercell, scale: 1, seed: 2), SiteField(supercell))
        let force = try field.forces(at: displacement)
        for site in [0, 7, 13] {
            let center = displacement[site]
            let energies = try [-1e-5, 1e-5].map { step in
                displacement[site] = center + step
                return try field.computeForcesAndPotential(at: displacement, into: &forces)
            }
            displacement[site] = center
            #expect(abs(force[site] + (energies[1] - energies[0]) / 2e-5) < 1e-7 && abs(force[site]) > 1e-3)
        }
    }

    /// Operations act on the surroundings of a site and not on the supercell: a rectangle has the forces of the square that it
    /// tiles, and a domain the bits of the whole.
    @Test func theMeanNeedsNoSymmetricSupercell() throws {
        for (member, lattice) in Self.symmetrized where lattice == ConvolutionSamples.square {
            let (model, parameters) = try ConvolutionSamples.model(Self.symmetrized(member), lattice)
            let (small, large) = (try Supercell(lattice, size: [12, 6]), try Supercell(lattice, size: [12, 12]))
            let pattern = randomField(small, scale: 2, seed: 4)
            let repeated = SiteField(large, values: pattern.values + pattern.values)
            let onSmall = try ConvolutionSamples.field(model, parameters, small).forces(at: pattern)
            let onLarge = try ConvolutionSamples.field(model, parameters, large).forces(at: repeated)
            // The local solver of a baseline knows the supercell that it wraps around.
            if member.architecture.baseline == nil {
                #expect(largestDifference(onLarge.values, onSmall.values + onSmall.values) < 1e-12)
            }
            if member.architecture.head == .conservative { continue }
            let displacement = try randomField(Supercell(lattice, size: [61, 47]), scale: 2, seed: 3)
            try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: [[0, 30], [0, 22]])) {
                try #require(ConvolutionSamples.field(model, parameters, $0, singlePrecision: true) as? any LocalForceField)
            }
        }
    }

    @Test func aMeanOverNothingIsRefused() throws {
        func key(_ lattice: Lattice, _ change: (inout ConvolutionArchitecture) -> Void) -> String? {
            var architecture = ConvolutionArchitecture()
            architecture.symmetrize = .mean
            change(&architecture)
            do { _ = try architecture.model(on: lattice, kind: .scalar) } catch { return (error as? NetworkError)?.key }
            return nil
        }
        #expect(key(ConvolutionSamples.square) { _ in } == "network.symmetrize")
        #expect(key(ConvolutionSamples.chain) { $0.symmetry = .mirrors } == "network.symmetrize")
        #expect(key(ConvolutionSamples.chain) { $0.symmetry = .none } == nil)
        #expect(
            key(ConvolutionSamples.square) {
                ($0.symmetry, $0.baseline) = (.none, LocalBaseline())
                $0.baseline?.core = 3
            } == "network.symmetrize")
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
