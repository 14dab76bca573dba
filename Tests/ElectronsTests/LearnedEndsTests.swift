import Electrons
import Foundation
import LatticeNumerics
import Lattices
import Models
import Testing

/// Learned coefficients of the ends of patches: what they mean, and that they keep what must hold.
@Suite struct LearnedEndsTests {
    private typealias Options = LocalDiagonalization.Options

    /// Coefficients far from those of a tree.
    static func random(
        _ lattice: Lattice, core: Int = 1, radius: Int, smallerFrom heights: [Double] = [], levels: Int,
        terms: EndCorrections.Terms = .init(),
        nodes: [Double] = EndCorrections.standardNodes, spread: Double = 0.2
    ) -> EndCorrections {
        var corrections = EndCorrections(
            unlearnedOn: lattice, core: core, radii: PatchRadii(radius, smallerFrom: heights), levels: levels, terms: terms,
            nodes: nodes)
        let normals = RandomStream(seed: 7, purpose: .testing).normals(count: corrections.values.count, step: 0)
        for k in corrections.values.indices { corrections.values[k] += spread * normals[k] }
        return corrections
    }

    private static func density(
        _ displacement: SiteField, _ corrections: EndCorrections, model: AdiabaticModel, poles: Int? = nil,
        precision: Options.Precision = .double, threads: Int = 1
    ) throws -> [Double] {
        let options = Options(
            core: corrections.core, radius: corrections.radii.largest, smallerFrom: corrections.radii.heights,
            levels: corrections.levels, poles: poles, poleTolerance: 1e-6, precision: precision)
        return try ElectronicForceField(
            model, LocalDiagonalization(options: options, corrections: corrections, pool: WorkerPool(threads: threads))
        )
        .solve(displacement).density.values
    }

    /// Without learning nothing is corrected.
    @Test(arguments: [
        (Samples.square, [9, 8], 1, 0, 1), (Samples.square, [9, 8], 1, 1, 2), (Samples.square, [7, 9], 1, 2, 3),
        (Samples.square, [13, 11], 2, 1, 2), (Samples.square, [13, 11], 3, 2, 3), (Samples.triangular, [6, 7], 1, 1, 2),
        (Samples.honeycomb, [5, 6], 1, 1, 3), (Samples.chain, [11], 1, 1, 3), (Samples.cubic, [4, 3, 4], 1, 1, 2),
    ])
    func unlearnedIsTheTree(lattice: Lattice, size: [Int], core: Int, radius: Int, levels: Int) throws {
        let displacement = try Samples.random(lattice, size, scale: 1.5)
        let options = Options(core: core, radius: radius, levels: levels, poleTolerance: 1e-6, precision: .double)
        for reservoir in [Reservoir.Particles.chemicalPotential(0.2), .filling(0.4)] {
            let model = try Samples.model(particles: reservoir)
            let tree = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement).density.values
            for terms in [EndCorrections.Terms(joinsDistant: true), .init(endPath: 2, messagePath: 3)] {
                let corrections = EndCorrections(
                    unlearnedOn: lattice, core: core, radii: PatchRadii(radius), levels: levels, terms: terms)
                let found = try Self.density(displacement, corrections, model: model)
                #expect(largestDifference(found, tree) < 1e-13)
                var changed = corrections
                changed.values[changed.values.count - 1] += 0.1
                changed.values[0] += 0.1
                #expect(largestDifference(try Self.density(displacement, changed, model: model), tree) > 1e-5)
            }
        }
    }

    /// Every coefficient does what the equation says, on supercells that cores do not divide and that patches reach around, and
    /// where higher poles have smaller patches.
    @Test(arguments: [
        ([6, 5], 1, PatchRadii(0), 2, EndCorrections.Terms()), ([6, 5], 1, PatchRadii(1), 3, .init(joinsDistant: true)),
        ([4, 3], 1, PatchRadii(2), 2, .init(endPath: 4, joinsDistant: true)),
        ([6, 5], 1, PatchRadii(1), 3, .init(endPath: 4, messagePath: 3)),
        ([7, 5], 2, PatchRadii(1), 2, .init()), ([7, 8], 3, PatchRadii(1), 3, .init(joinsDistant: true)),
        ([3, 4], 3, PatchRadii(2), 1, .init(joinsDistant: true)),
        ([9, 5], 4, PatchRadii(1), 2, .init(endPath: 3, messagePath: 3)),
        ([6, 5], 1, PatchRadii(2, smallerFrom: [0.5, 2]), 3, .init(messagePath: 3, joinsDistant: true)),
        ([7, 8], 1, PatchRadii(2, smallerFrom: [0.7, 0.7]), 2, .init()),
        ([7, 8], 3, PatchRadii(1, smallerFrom: [4]), 2, .init()),
    ])
    func denseReference(size: [Int], core: Int, radii: PatchRadii, levels: Int, terms: EndCorrections.Terms) throws {
        let displacement = try Samples.random(Samples.square, size, scale: 1.5)
        let model = try Samples.model()
        let corrections = Self.random(
            Samples.square, core: core, radius: radii.largest, smallerFrom: radii.heights, levels: levels, terms: terms,
            nodes: [0.4, 1.0, 3.0])
        let bound = (displacement.values.map { abs(model.coupling * $0) }.max()! + 4) / model.temperature
        let expansion = try PoleExpansion.meeting(tolerance: 1e-6, bound: bound)
        var density = displacement.values.map { _ in 0.5 }
        var found: Set<Int> = []
        for (pole, weight) in zip(expansion.poles, expansion.weights) {
            let height = pole * model.temperature
            let radius = max(0, radii.largest - radii.heights.count { $0 <= height })
            let number = corrections.tiers.firstIndex { $0.radius == radius }!
            found.insert(number)
            let (tier, before) = (corrections.tiers[number], corrections.tiers[..<number])
            let nodes = tier.nodes
            let start = before.reduce(0) { $0 + $1.names.count * $1.nodes.count }
            let values = tier.names.indices.map { coefficient -> Double in
                let row = Array(corrections.values[(start + coefficient * nodes.count)...].prefix(nodes.count))
                guard let k = nodes.lastIndex(where: { $0 < height }) else { return row[0] }
                guard k + 1 < nodes.count else { return row[k] }
                return row[k] + (row[k + 1] - row[k]) * (log(height) - log(nodes[k])) / (log(nodes[k + 1]) - log(nodes[k]))
            }
            let reference = LearnedEndsReference(
                displacement, coupling: model.coupling, corrections: corrections, tier: tier, height: height, values: values)
            for (site, element) in reference.inverseDiagonal().enumerated() {
                density[site] -= model.temperature * weight * element.real
            }
        }
        #expect(found.count == corrections.tiers.count)
        let scale = density.map { abs($0) }.max()!
        #expect(largestDifference(try Self.density(displacement, corrections, model: model), density) < 1e-11 * scale)
        let single = try Self.density(displacement, corrections, model: model, precision: .single)
        #expect(largestDifference(single, density) < 1e-4 * scale)
    }

    /// All operations of the point group, and translations, of patches around sites.
    @Test(arguments: [
        (Samples.square, [8, 8]), (Samples.triangular, [6, 6]), (Samples.honeycomb, [5, 5]), (Samples.chain, [12]),
    ])
    func operationsAndTranslations(lattice: Lattice, size: [Int]) throws {
        let model = try Samples.model(particles: .chemicalPotential(0.3))
        let group = PointGroup(of: lattice)
        let shifts = [[1], [3]].map { $0 + [Int](repeating: 1, count: lattice.dimension - 1) }
        let images: [(SiteField) -> SiteField] =
            group.operations.map { operation in { $0.transformed(by: operation) } }
            + shifts.map { shift in { $0.translated(by: shift) } }
        for (radius, levels) in [(0, 2), (1, 3)] {
            let corrections = Self.random(
                lattice, radius: radius, levels: levels, terms: .init(messagePath: 3, joinsDistant: true), spread: 0.1)
            let displacement = try Samples.random(lattice, size, scale: 1.5)
            for (precision, tolerance) in [(Options.Precision.double, 1e-12), (.single, 1e-5)] {
                func solve(_ field: SiteField) throws -> [Double] {
                    try Self.density(field, corrections, model: model, poles: 9, precision: precision)
                }
                let density = SiteField(displacement.supercell, values: try solve(displacement))
                for image in images {
                    #expect(largestDifference(try solve(image(displacement)), image(density).values) < tolerance)
                }
                #expect(density.values.max()! - density.values.min()! > 0.3)
            }
        }
    }

    /// The sites of a honeycomb cell are equivalent: inversion about the middle of a bond.
    @Test func inversionOfTheHoneycomb() throws {
        let corrections = Self.random(Samples.honeycomb, radius: 1, levels: 2, spread: 0.1)
        let displacement = try Samples.random(Samples.honeycomb, [5, 5], scale: 1.5)
        let supercell = displacement.supercell
        func inverted(_ values: [Double]) -> [Double] {
            values.indices.map { values[supercell.site(cell: supercell.cell(of: $0).map { -$0 }, basis: 1 - $0 % 2)] }
        }
        let model = try Samples.model()
        let density = try Self.density(displacement, corrections, model: model)
        let image = SiteField(supercell, values: inverted(displacement.values))
        #expect(largestDifference(try Self.density(image, corrections, model: model), inverted(density)) < 1e-12)
    }

    /// n(−Q) = 1 − n(Q) at μ = 0, to the last bit of the sum, for any coefficients.
    @Test(arguments: [(1, 0), (1, 1), (1, 2), (2, 1), (3, 2)])
    func particlesAndHoles(core: Int, radius: Int) throws {
        let displacement = try Samples.random(Samples.square, [10, 7], scale: 1.5)
        let mirrored = SiteField(displacement.supercell, values: displacement.values.map { -$0 })
        for precision in Options.Precision.allCases {
            let corrections = Self.random(
                Samples.square, core: core, radius: radius, levels: 3, terms: .init(messagePath: 3, joinsDistant: true))
            let model = try Samples.model()
            let density = try Self.density(displacement, corrections, model: model, precision: precision)
            let negative = try Self.density(mirrored, corrections, model: model, precision: precision)
            let scale = density.map { abs($0) }.max()!
            #expect(largestDifference(negative, density.map { 1 - $0 }) < 1e-15 * max(scale, 1) * 4)
            #expect(density.contains { abs($0 - 0.5) > 0.1 })
        }
    }

    /// Uniform, checkerboard and kinked configurations: equal sites have equal densities.
    @Test func symmetricConfigurations() throws {
        let corrections = Self.random(Samples.square, radius: 1, levels: 3, terms: .init(endPath: 3, messagePath: 3))
        let model = try Samples.model()
        let wave = try Samples.chargeDensityWave(Samples.square, [12, 8], amplitude: 1.3)
        let kink = SiteField(
            wave.supercell, values: wave.values.indices.map { wave[$0] * (wave.supercell.cell(of: $0)[0] < 6 ? 1 : -1) })
        let flat = SiteField(wave.supercell, repeating: 0.4)
        for displacement in [wave, kink, flat] {
            let density = SiteField(wave.supercell, values: try Self.density(displacement, corrections, model: model))
            #expect(density.values.allSatisfy { $0.isFinite })
            // Two rows down, or mirrored, is the same picture.
            let down = density.translated(by: [0, 2])
            #expect(largestDifference(down.values, density.values) < 1e-12)
            for site in density.values.indices {
                let cell = wave.supercell.cell(of: site)
                let image = wave.supercell.site(cell: [cell[0], -cell[1]])
                #expect(abs(density[site] - density[image]) < 1e-12)
            }
        }
        let zero = try Self.density(SiteField(wave.supercell), corrections, model: model)
        #expect(zero.allSatisfy { $0 == 0.5 })
    }

    /// The same bits for any number of threads, and in tiles as on a small lattice that is one tile.
    @Test(arguments: [1, 3])
    func threadsAndTiles(core: Int) throws {
        let small = try Samples.random(Samples.square, [30, 24], scale: 1.5)
        let large = try Supercell(Samples.square, size: [150, 120])
        let copies = SiteField(
            large, values: (0..<large.siteCount).map { small[small.supercell.site(cell: large.cell(of: $0))] })
        let model = try Samples.model()
        let corrections = Self.random(Samples.square, core: core, radius: 1, levels: 3)
        let one = try Self.density(small, corrections, model: model, precision: .single)
        let many = try Self.density(copies, corrections, model: model, precision: .single)
        #expect(many == (0..<large.siteCount).map { one[small.supercell.site(cell: large.cell(of: $0))] })
        let threaded = try Self.density(copies, corrections, model: model, precision: .single, threads: 3)
        #expect(threaded == many)
    }

    /// Blocks of few cells solved by programs: as with frontal matrices, on lattices that the core does not divide, with a basis,
    /// and with open ends.
    @Test(arguments: [
        (Samples.square, [17, 14], [true, true]), (Samples.square, [14, 17], [true, false]),
        (Samples.triangular, [12, 13], [true, true]), (Samples.honeycomb, [11, 12], [false, true]),
        (Samples.chain, [31], [true]),
    ])
    func coresOfFewCells(lattice: Lattice, size: [Int], periodic: [Bool]) throws {
        let supercell = try Supercell(lattice, size: size, periodic: periodic)
        let displacement = SiteField(supercell, values: try Samples.random(lattice, size, scale: 1.5).values)
        let model = try Samples.model(particles: .chemicalPotential(0.2))
        for core in [2, 3, 5] {
            let options = Options(core: core, radius: 2, levels: 2, poleTolerance: 1e-9, precision: .double)
            let found = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement).density.values
            let fronts = try LocalDiagonalization.blockDensity(
                model.tightBinding(at: displacement), model.reservoir, options: options)
            #expect(largestDifference(found, fronts) < 1e-11)
        }
    }

    /// A solver for other coefficients and conditions shares the memory of the first.
    @Test func otherCoefficients() throws {
        let displacement = try Samples.random(Samples.square, [10, 9], scale: 1.5)
        let (first, second) = (try Samples.model(), try Samples.model(coupling: 3, temperature: 0.2))
        let tree = EndCorrections(unlearnedOn: Samples.square, core: 2, radii: PatchRadii(1), levels: 2)
        let learned = Self.random(Samples.square, core: 2, radius: 1, levels: 2)
        let options = Options(core: 2, radius: 1, levels: 2, poleTolerance: 1e-6, precision: .double)
        let solver = ElectronicForceField(first, LocalDiagonalization(options: options, corrections: tree))
        _ = try solver.solve(displacement)
        let other = ElectronicForceField(second, solver.solver.with(corrections: learned))
        let found = try other.solve(displacement).density.values
        let alone = try Self.density(displacement, learned, model: second)
        let before = try solver.solve(displacement).density.values
        #expect(found == alone && found != before)
    }

    @Test func anotherLattice() throws {
        let corrections = EndCorrections(unlearnedOn: Samples.square, core: 1, radii: PatchRadii(1), levels: 1)
        let displacement = try Samples.random(Samples.triangular, [6, 6])
        #expect(throws: LocalDiagonalizationError.correctionsOfAnotherLattice("square", used: "triangular")) {
            try Self.density(displacement, corrections, model: try Samples.model())
        }
    }
}
