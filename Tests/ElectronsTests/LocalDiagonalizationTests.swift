import Electrons
import LatticeNumerics
import Lattices
import Models
import Testing

/// Limits in which local diagonalization is exact, and how it approaches them.
@Suite struct LocalDiagonalizationTests {
    private typealias Options = LocalDiagonalization.Options

    private static func density(
        _ model: AdiabaticModel, _ displacement: SiteField, radius: Int, levels: Int, tolerance: Double = 1e-11,
        precision: LocalDiagonalization.Options.Precision = .double
    ) throws -> [Double] {
        let options = Options(radius: radius, levels: levels, poleTolerance: tolerance, precision: precision)
        return try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement).density.values
    }

    private static func open(_ lattice: Lattice, _ size: [Int], scale: Double = 1) throws -> SiteField {
        let supercell = try Supercell(lattice, size: size, periodic: size.map { _ in false })
        return SiteField(supercell, values: try Samples.random(lattice, size, scale: scale).values)
    }

    /// A chain is a tree: with levels to both its ends the site alone is exact, whatever the radius.
    @Test func openChainIsExact() throws {
        let model = try Samples.model()
        let chain = try Self.open(Samples.chain, [23])
        let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(chain).density.values
        for (radius, levels) in [(0, 22), (1, 21), (4, 18), (22, 0)] {
            let found = try Self.density(model, chain, radius: radius, levels: levels)
            #expect(largestDifference(found, exact) < 1e-10, "radius \(radius)")
        }
        #expect(largestDifference(try Self.density(model, chain, radius: 0, levels: 3), exact) > 1e-5)
    }

    /// On a long periodic chain the error of the tree falls to that of the poles.
    @Test func longChain() throws {
        let model = try Samples.model()
        let chain = try Samples.random(Samples.chain, [301])
        let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(chain).density.values
        #expect(largestDifference(try Self.density(model, chain, radius: 0, levels: 100), exact) < 1e-9)
    }

    /// A patch that holds an open lattice is the whole of it, on every lattice.
    @Test(arguments: [
        (Samples.square, [5, 4], 4), (Samples.square, [3, 3], 2), (Samples.triangular, [4, 3], 5),
        (Samples.honeycomb, [3, 2], 3),
    ])
    func patchOfAnOpenLatticeIsExact(lattice: Lattice, size: [Int], radius: Int) throws {
        for reservoir in [Reservoir.Particles.chemicalPotential(0.2), .filling(0.3)] {
            let model = try Samples.model(particles: reservoir)
            let displacement = try Self.open(lattice, size)
            let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
            let options = Options(radius: radius, levels: 2, poleTolerance: 1e-11, precision: .double)
            let found = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement)
            #expect(largestDifference(found.density.values, exact.density.values) < 1e-9)
            #expect(abs(found.chemicalPotential - exact.chemicalPotential) < 1e-8)
        }
    }

    /// Errors fall with the radius, and with levels at one radius.
    @Test(arguments: [(Samples.square, [16, 16]), (Samples.triangular, [12, 12]), (Samples.honeycomb, [10, 10])])
    func convergence(lattice: Lattice, size: [Int]) throws {
        let model = try Samples.model(coupling: 3)
        let displacement = try Samples.random(lattice, size)
        let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement).density.values
        func error(_ radius: Int, _ levels: Int) throws -> Double {
            let found = try Self.density(model, displacement, radius: radius, levels: levels)
            return (zip(found, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(exact.count)).squareRoot()
        }
        let errors = try (0...3).map { try error($0, 2) }
        for (larger, smaller) in zip(errors, errors.dropFirst()) { #expect(smaller < 0.6 * larger) }
        #expect(errors[3] > 1e-9 && errors[3] < 1e-2)
        for radius in 0...2 { #expect(try error(radius, 2) < 0.7 * error(radius, 0)) }
    }

    /// Without hopping every site is alone.
    @Test(arguments: LocalDiagonalization.Options.Precision.allCases)
    func atomicLimit(precision: LocalDiagonalization.Options.Precision) throws {
        for reservoir in [Reservoir.Particles.chemicalPotential(0.1), .filling(0.3)] {
            let model = try Samples.model(hopping: 0, particles: reservoir)
            let displacement = try Samples.random(Samples.square, [6, 5])
            let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
            let options = Options(radius: 1, levels: 2, poleTolerance: 1e-11, precision: precision)
            let found = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement)
            #expect(largestDifference(found.density.values, exact.density.values) < 1e-9)
        }
    }

    /// t → −t changes nothing on a bipartite lattice and much on a triangular one, where the sign counts.
    @Test func signOfHopping() throws {
        for lattice in [Samples.square, Samples.triangular] {
            let displacement = try Self.open(lattice, [4, 4])
            for hopping in [-1.0, 0.7] {
                let model = try Samples.model(hopping: hopping)
                let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement).density.values
                #expect(largestDifference(try Self.density(model, displacement, radius: 6, levels: 0), exact) < 1e-9)
            }
        }
    }

    @Test func fixedFilling() throws {
        for precision in Options.Precision.allCases {
            for filling in [0.02, 0.37, 0.5, 0.9] {
                let model = try Samples.model(particles: .filling(filling))
                let displacement = try Samples.random(Samples.square, [20, 20], scale: 1.5)
                let options = Options(radius: 2, levels: 2, precision: precision)
                let found = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement)
                let exact = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
                #expect(abs(found.density.values.reduce(0, +) - filling * 400) < (precision == .single ? 2.1e-6 : 1e-7))
                #expect(abs(found.electrons - found.density.values.reduce(0, +)) < 1e-9)
                #expect(abs(found.chemicalPotential - exact.chemicalPotential) < 0.02)
            }
        }
    }

    @Test func errors() throws {
        let displacement = try Samples.random(Samples.square, [4, 4])
        let options = Options(radius: 1, levels: 1)
        #expect(throws: ElectronicStructureError.zeroTemperature(solver: "local-diagonalization")) {
            try ElectronicForceField(try Samples.model(temperature: 0), LocalDiagonalization(options: options)).solve(
                displacement)
        }
        var broken = displacement
        broken[5] = .nan
        #expect(throws: ElectronicStructureError.self) {
            try ElectronicForceField(try Samples.model(), LocalDiagonalization(options: options)).solve(broken)
        }
        // Three poles do not describe a temperature a thousand times below the band width.
        #expect(throws: PoleExpansionError.self) {
            try ElectronicForceField(
                try Samples.model(temperature: 1e-3), LocalDiagonalization(options: Options(radius: 1, levels: 1, poles: 3))
            )
            .solve(displacement)
        }
    }
}
