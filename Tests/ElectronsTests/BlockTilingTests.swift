import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Models
import Testing

/// Blocks of local diagonalization that are moved from step to step, or averaged over.
@Suite struct BlockTilingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let core: Int
        let size: [Int]
        var lattice = Samples.square
        var radius = 1
        var periodic: [Bool]?
        var precision = LocalDiagonalization.Options.Precision.double
        var isLearned = false
        var particles = Reservoir.Particles.chemicalPotential(0.1)

        var testDescription: String { "\(lattice.name) \(size), core \(core), \(precision)\(isLearned ? ", learned" : "")" }

        /// The number of offsets.
        var count: Int { size.reduce(1) { count, _ in count * core } }

        func solver(_ tiling: BlockTiling, threads: Int = 1) throws -> ElectronicForceField<LocalDiagonalization> {
            var corrections: EndCorrections?
            if isLearned {
                corrections = EndCorrections(unlearnedOn: lattice, core: core, radii: PatchRadii(radius), levels: 2)
                let noise = RandomStream(seed: 4, purpose: .testing).normals(count: corrections!.values.count, step: 0)
                corrections!.values = zip(corrections!.values, noise).map { $0 + 0.05 * $1 }
            }
            return ElectronicForceField(
                try Samples.model(particles: particles),
                LocalDiagonalization(
                    options: .init(core: core, tiling: tiling, radius: radius, levels: 2, precision: precision),
                    corrections: corrections, pool: WorkerPool(threads: threads)))
        }

        func displacement() throws -> SiteField {
            let supercell = try Supercell(lattice, size: size, periodic: periodic)
            return SiteField(supercell, values: try Samples.random(lattice, size, scale: 1.5).values)
        }
    }

    /// Sides that the core divides, and others; programs, and frontal matrices from core 9 on.
    static let cases = [
        Case(core: 3, size: [12, 9]), Case(core: 3, size: [13, 11], precision: .single),
        Case(core: 2, size: [10, 11], isLearned: true), Case(core: 2, size: [7, 8], lattice: Samples.honeycomb),
        Case(core: 4, size: [33], lattice: Samples.chain), Case(core: 2, size: [5, 6, 7], lattice: Samples.cubic, radius: 0),
        Case(core: 9, size: [31], lattice: Samples.chain), Case(core: 9, size: [36], lattice: Samples.chain),
        // The blocks reach around the lattice in one direction.
        Case(core: 5, size: [7, 17]),
    ]

    @Test(arguments: cases) func theMeanHasTheTranslations(_ test: Case) throws {
        let displacement = try test.displacement()
        func change(_ tiling: BlockTiling) throws -> Double {
            let solver = try test.solver(tiling)
            let density = try solver.solve(displacement).density
            return try test.size.indices.map { axis in
                let shift = test.size.indices.map { $0 == axis ? 1 : 0 }
                return largestDifference(
                    try solver.solve(displacement.translated(by: shift)).density.values, density.translated(by: shift).values)
            }.max()!
        }
        #expect(try change(.mean) < 1e-13)
        #expect(try change(.fixed) > 1e-5)
    }

    /// Errors of different places in a block have little in common.
    @Test func theMeanIsTheBetterForce() throws {
        let test = Case(core: 3, size: [36, 36])
        let displacement = try test.displacement()
        let exact = try ElectronicForceField(test.solver(.mean).model, SelectedInversion()).solve(displacement).density.values
        func error(_ tiling: BlockTiling) throws -> Double {
            let density = try test.solver(tiling).solve(displacement).density.values
            return zip(density, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        #expect(try error(.mean) < 0.8 * error(.fixed))
    }

    /// Blocks that start at a cell are those of the moved configuration that start at cell 0, where the core divides the sides.
    @Test(arguments: [Case(core: 3, size: [12, 9]), Case(core: 2, size: [8, 10], precision: .single, isLearned: true)])
    func theMeanIsTheAverageOfMovedConfigurations(_ test: Case) throws {
        let displacement = try test.displacement()
        let solver = try test.solver(.fixed)
        var sum = [Double](repeating: 0, count: displacement.values.count)
        for y in 0..<test.core {
            for x in 0..<test.core {
                let moved = try solver.solve(displacement.translated(by: [-x, -y])).density.translated(by: [x, y])
                for site in sum.indices { sum[site] += moved[site] / Double(test.count) }
            }
        }
        #expect(largestDifference(try test.solver(.mean).solve(displacement).density.values, sum) < 1e-13)
        #expect(largestDifference(try solver.solve(displacement).density.values, sum) > 1e-5)
    }

    /// On any lattice the average is that of the lattice repeated until the core divides its sides.
    @Test func sidesThatTheCoreDoesNotDivide() throws {
        let test = Case(core: 3, size: [13, 11])
        let (small, displacement) = (try test.solver(.mean), try test.displacement())
        let repeated = try Supercell(test.lattice, size: [39, 33])
        let values = (0..<repeated.siteCount).map { site in
            displacement[displacement.supercell.site(cell: repeated.cell(of: site))]
        }
        let large = try small.solve(SiteField(repeated, values: values)).density
        let density = try small.solve(displacement).density
        for site in 0..<density.supercell.siteCount {
            #expect(abs(density[site] - large[repeated.site(cell: density.supercell.cell(of: site))]) < 1e-13)
        }
    }

    /// Every step has the density of one of the offsets, and as many steps as there are offsets have them all.
    @Test(arguments: cases) func stepsDrawEveryOffsetOnce(_ test: Case) throws {
        let displacement = try test.displacement()
        let solver = try test.solver(.sampled)
        for period in [0, 3] {
            let densities = try (0..<test.count).map { step in
                try solver.atStep(period * test.count + step, seed: 7).solve(displacement).density.values
            }
            let mean = densities[0].indices.map { site in densities.reduce(0) { $0 + $1[site] } / Double(test.count) }
            #expect(largestDifference(mean, try solver.solve(displacement).density.values) < 1e-13)
            if test.size.allSatisfy({ $0 > test.core + 2 * test.radius }) { #expect(Set(densities).count == test.count) }
        }
    }

    @Test func theOrderFollowsFromTheSeedAndThePeriod() throws {
        let test = Case(core: 3, size: [12, 12])
        let displacement = try test.displacement()
        let solver = try test.solver(.sampled)
        let offsets = try (0..<9).map { try solver.atStep($0, seed: 7).solve(displacement).density.values }
        func order(period: Int, seed: UInt64) throws -> [Int] {
            try (0..<9).map { step in
                let density = try solver.atStep(9 * period + step, seed: seed).solve(displacement).density.values
                return try #require(offsets.firstIndex(of: density))
            }
        }
        let orders = try [(1, 7), (2, 7), (0, 8), (0, 9)].map { try order(period: $0.0, seed: $0.1) }
        #expect(orders.allSatisfy { $0.sorted() == Array(0..<9) })
        #expect(Set(orders + [Array(0..<9)]).count == 5)
        #expect(try order(period: 1, seed: 7) == orders[0])
    }

    /// Without blocks, and with fixed ones, a step changes nothing.
    @Test func stepsMeanNothingElsewhere() throws {
        for (core, tiling) in [(1, BlockTiling.sampled), (1, .mean), (3, .fixed), (3, .mean)] {
            let test = Case(core: core, size: [12, 10])
            let displacement = try test.displacement()
            let (solver, fixed) = (try test.solver(tiling), try test.solver(.fixed))
            let density = try solver.solve(displacement).density
            for step in 0..<4 { #expect(try solver.atStep(step, seed: 1).solve(displacement).density == density) }
            if core == 1 { #expect(try fixed.solve(displacement).density == density) }
        }
    }

    @Test func threadsDoNotMatter() throws {
        for test in [Case(core: 3, size: [70, 65]), Case(core: 10, size: [50, 43], precision: .single)] {
            let displacement = try test.displacement()
            let (one, three) = (try test.solver(.sampled), try test.solver(.sampled, threads: 3))
            for step in [0, 1, 5] {
                #expect(
                    try one.atStep(step, seed: 2).solve(displacement).density
                        == three.atStep(step, seed: 2).solve(displacement).density)
            }
        }
        let test = Case(core: 2, size: [41, 30])
        let displacement = try test.displacement()
        #expect(
            try test.solver(.mean).solve(displacement).density == test.solver(.mean, threads: 3).solve(displacement).density)
    }

    /// Blocks that begin before an open end have their first cells outside of the lattice.
    @Test func openEnds() throws {
        let test = Case(core: 3, size: [14, 11], radius: 4, periodic: [false, true], particles: .filling(0.45))
        let (displacement, solver) = (try test.displacement(), try test.solver(.sampled))
        let exact = try ElectronicForceField(solver.model, SelectedInversion()).solve(displacement).density.values
        let mean = try solver.solve(displacement)
        #expect(abs(mean.electrons / 154 - 0.45) < 1e-8)
        #expect(largestDifference(mean.density.values, exact) < 0.02)
        for step in 0..<9 {
            #expect(largestDifference(try solver.atStep(step, seed: 1).solve(displacement).density.values, exact) < 0.05)
        }
    }

    /// Forces and densities at fixed μ, on the whole lattice and on domains cut into boxes.
    @Test(arguments: [
        (Case(core: 3, size: [40, 31], precision: .single), [[0, 21], [0, 15]]),
        (Case(core: 3, size: [36, 33], isLearned: true), [[0, 18], [0, 15]]),
        (Case(core: 4, size: [41, 38]), [[0, 16], [0, 20]]),
        (Case(core: 9, size: [70, 49], precision: .single), [[0, 36], [0, 27]]),
        (Case(core: 2, size: [21, 20], lattice: Samples.honeycomb), [[0, 10], [0, 8]]),
        (Case(core: 2, size: [9, 8, 14], lattice: Samples.cubic, radius: 0), [[0], [0], [0, 6]]),
    ])
    func domainsHaveTheBitsOfTheWhole(_ test: Case, _ starts: [[Int]]) throws {
        let displacement = try test.displacement()
        let field = try #require(LocalElectronicForceField(test.solver(.sampled), on: test.lattice))
        for step in 0..<3 {
            try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: starts)) { _ in field.atStep(step, seed: 5) }
        }
        if test.core < 9 { try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: starts)) { _ in field } }
        let density = try field.atStep(2, seed: 5).solve(displacement).density
        #expect(try field.atStep(2, seed: 5).forces(at: displacement) == field.model.electronicForce(from: density))
        #expect(try field.densities.forces(at: displacement) == field.solve(displacement).density)
    }
}
