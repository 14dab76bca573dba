import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Testing

/// Every member of the family under the point group, translations and particle–hole, on random and symmetric inputs.
@Suite struct ConvolutionSymmetryTests {
    static let lattices = [ConvolutionSamples.square, ConvolutionSamples.triangular, ConvolutionSamples.chain]

    private func supercell(_ lattice: Lattice, side: Int) throws -> Supercell {
        try Supercell(lattice, size: lattice.primitiveVectors.map { _ in side })
    }

    /// The largest difference allowed: rounding of forces of order 1.
    private func tolerance(singlePrecision: Bool) -> Double { singlePrecision ? 1e-5 : 1e-12 }

    @Test(arguments: ConvolutionSamples.members, lattices) func commutesWithThePointGroupAndTranslations(
        _ member: ConvolutionMember, _ lattice: Lattice
    ) throws {
        let supercell = try supercell(lattice, side: 6)
        let displacement = randomField(supercell, scale: 2, seed: 4)
        let (model, parameters) = try ConvolutionSamples.model(member, lattice)
        for singlePrecision in [false, true] {
            // The local solver of the baseline is itself in single precision there.
            let tolerance = tolerance(singlePrecision: singlePrecision) * (member.architecture.baseline == nil ? 1 : 2)
            let field = try ConvolutionSamples.field(model, parameters, supercell, singlePrecision: singlePrecision)
            let force = try field.forces(at: displacement)
            let scale = max(1, force.values.map(abs).max()!)
            #expect(force.values.map(abs).max()! > 1e-2)
            for operation in PointGroup(of: lattice).operations {
                let rotated = try field.forces(at: displacement.transformed(by: operation))
                #expect(largestDifference(rotated.values, force.transformed(by: operation).values) < tolerance * scale)
            }
            let displaced = [2, 5].prefix(lattice.dimension).map { $0 }
            let moved = try field.forces(at: displacement.translated(by: displaced))
            #expect(largestDifference(moved.values, force.translated(by: displaced).values) < tolerance * scale)
        }
    }

    /// F(−Q, −μ) = −F(Q, μ); without the chemical potential as a condition it does not enter.
    @Test(arguments: ConvolutionSamples.members, lattices) func isOddUnderParticleHole(
        _ member: ConvolutionMember, _ lattice: Lattice
    ) throws {
        let supercell = try supercell(lattice, side: 5)
        let displacement = randomField(supercell, scale: 2, seed: 6)
        let mirrored = SiteField(supercell, values: displacement.values.map { -$0 })
        let (model, parameters) = try ConvolutionSamples.model(member, lattice)
        let hasPotential = member.architecture.conditions.contains(.chemicalPotential)
        // On lattices that are not bipartite particle–hole also changes the sign of the hopping.
        if member.architecture.baseline != nil, lattice != ConvolutionSamples.square { return }
        let size = member.architecture.baseline == nil ? [5, 5] : [6, 6]
        guard member.architecture.baseline == nil || supercell.size == size else {
            return try expectOddBaseline(model, parameters, size: size)
        }
        for singlePrecision in [false, true] {
            let force = try ConvolutionSamples.field(
                model, parameters, supercell, singlePrecision: singlePrecision,
                conditions: ConvolutionSamples.conditions(chemicalPotential: hasPotential ? 0.3 : 0)
            ).forces(at: displacement)
            let opposite = try ConvolutionSamples.field(
                model, parameters, supercell, singlePrecision: singlePrecision,
                conditions: ConvolutionSamples.conditions(chemicalPotential: hasPotential ? -0.3 : 0)
            ).forces(at: mirrored)
            #expect(force.values.map(abs).max()! > 1e-2)
            #expect(
                largestDifference(force.values, opposite.values.map { -$0 }) < tolerance(singlePrecision: singlePrecision))
        }
    }

    /// With a baseline, on a bipartite supercell.
    private func expectOddBaseline(_ model: ConvolutionModel, _ parameters: [Double], size: [Int]) throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: size)
        let displacement = randomField(supercell, scale: 2, seed: 6)
        let mirrored = SiteField(supercell, values: displacement.values.map { -$0 })
        let field = try ConvolutionSamples.field(model, parameters, supercell)
        let (force, opposite) = (try field.forces(at: displacement), try field.forces(at: mirrored))
        #expect(force.values.map(abs).max()! > 1e-2)
        #expect(largestDifference(force.values, opposite.values.map { -$0 }) < 1e-12)
    }

    /// Zero, uniform Q, a perfect charge-density wave and a straight kink, where most channels vanish.
    @Test(arguments: ConvolutionSamples.members) func isFiniteAndSymmetricAtSymmetricPoints(_ member: ConvolutionMember) throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [8, 8])
        let (model, parameters) = try ConvolutionSamples.model(member, ConvolutionSamples.square)
        let signs = supercell.sublatticeSigns()!
        for singlePrecision in [false, true] {
            let field = try ConvolutionSamples.field(model, parameters, supercell, singlePrecision: singlePrecision)
            let tolerance = tolerance(singlePrecision: singlePrecision)
            let zero = try field.forces(at: SiteField(supercell)).values
            #expect(zero.allSatisfy { abs($0) < tolerance })
            let flat = try field.forces(at: SiteField(supercell, repeating: 0.7)).values
            #expect(flat.max()! - flat.min()! < tolerance && abs(flat[0]) > 1e-4)
            let staggered = try field.forces(at: SiteField(supercell, values: signs.map { 1.3 * $0 })).values
            #expect(signs.indices.allSatisfy { abs(staggered[$0] - signs[$0] * staggered[0]) < tolerance })
            #expect(abs(staggered[0]) > 1e-4)
            let kink = SiteField(supercell, values: signs.enumerated().map { ($0 % 8 < 4 ? 1.3 : -1.3) * $1 })
            let force = try field.forces(at: kink)
            #expect(force.firstNonFiniteSite == nil)
            #expect(
                (0..<8).allSatisfy { x in
                    (0..<8).allSatisfy { y in abs(force[8 * y + x] - (y % 2 == 0 ? 1 : -1) * force[x]) < tolerance }
                })
        }
    }

    /// Shapes are those of the infinite lattice: a pattern repeated has the same forces, sides shorter than a kernel included.
    @Test(arguments: ConvolutionSamples.members) func isLocalAndWraps(_ member: ConvolutionMember) throws {
        guard member.architecture.baseline == nil else { return }
        let small = try Supercell(ConvolutionSamples.square, size: [3, 2])
        let pattern = randomField(small, scale: 2, seed: 9)
        let large = try Supercell(ConvolutionSamples.square, size: [12, 8])
        let repeated = SiteField(large, values: (0..<large.siteCount).map { pattern[small.site(cell: large.cell(of: $0))] })
        let (model, parameters) = try ConvolutionSamples.model(member, ConvolutionSamples.square)
        let a = try ConvolutionSamples.field(model, parameters, small).forces(at: pattern)
        let b = try ConvolutionSamples.field(model, parameters, large).forces(at: repeated)
        #expect((0..<large.siteCount).allSatisfy { abs(b[$0] - a[small.site(cell: large.cell(of: $0))]) < 1e-12 })
        #expect(a.values.map(abs).max()! > 1e-2)

        // Beyond the receptive field nothing is seen, within it something is.
        let reach = model.receptiveField
        let wide = try Supercell(ConvolutionSamples.square, size: [2 * reach + 4, 2 * reach + 4])
        let field = try ConvolutionSamples.field(model, parameters, wide)
        var displacement = randomField(wide, scale: 1, seed: 10)
        let before = try field.forces(at: displacement)
        displacement[0] += 1
        let after = try field.forces(at: displacement)
        for (offset, sees) in [(reach + 1, false), (reach, true)] {
            let site = wide.site(cell: [offset, 0])
            #expect((after[site] != before[site]) == sees)
        }
    }
}
