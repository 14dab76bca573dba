import Electrons
import LatticeNumerics
import Lattices
import Models
import Testing

/// Local diagonalization by blocks with a buffer, against selected inversion.
@Suite struct BlockDiagonalizationTests {
    private typealias Options = LocalDiagonalization.Options

    private func density(
        _ displacement: SiteField, _ model: AdiabaticModel, _ options: Options, threads: Int = 1
    ) throws -> [Double] {
        let pool = WorkerPool(threads: threads)
        return try ElectronicForceField(model, LocalDiagonalization(options: options, pool: pool)).solve(displacement).density
            .values
    }

    private func random(_ lattice: Lattice, _ size: [Int], periodic: [Bool]? = nil, scale: Double = 2) throws -> SiteField {
        let supercell = try Supercell(lattice, size: size, periodic: periodic)
        return SiteField(supercell, values: try Samples.random(lattice, size, scale: scale).values)
    }

    /// A block that reaches around the lattice is the lattice.
    @Test(arguments: [
        (Samples.square, [9, 7], [true, true]), (Samples.square, [9, 7], [false, true]),
        (Samples.honeycomb, [5, 4], [true, true]),
        (Samples.triangular, [6, 5], [false, false]), (Samples.chain, [11], [true]),
        (Samples.cubic, [3, 4, 3], [true, true, true]),
    ])
    func isExactWhereTheBlockIsTheLattice(lattice: Lattice, size: [Int], periodic: [Bool]) throws {
        let displacement = try random(lattice, size, periodic: periodic)
        let model = try Samples.model(particles: .chemicalPotential(0.2))
        let exact = try ElectronicForceField(model, SelectedInversion()).solve(displacement).density.values
        let options = Options(core: 5, radius: 3, levels: 2, poleTolerance: 1e-11, precision: .double)
        #expect(largestDifference(try density(displacement, model, options), exact) < 1e-10)
        let single = Options(core: 5, radius: 3, levels: 2, poleTolerance: 1e-7, precision: .single)
        #expect(largestDifference(try density(displacement, model, single), exact) < 2e-6)
    }

    /// On a chain the ends are trees, so that enough levels make any buffer exact.
    @Test func isExactOnChains() throws {
        for periodic in [true, false] {
            let displacement = try random(Samples.chain, [61], periodic: [periodic])
            let model = try Samples.model(temperature: 0.5)
            let exact = try ElectronicForceField(model, SelectedInversion()).solve(displacement).density.values
            let options = Options(core: 7, radius: 1, levels: 40, poleTolerance: 1e-11, precision: .double)
            #expect(largestDifference(try density(displacement, model, options), exact) < 1e-9)
            let few = Options(core: 7, radius: 1, levels: 1, poleTolerance: 1e-11, precision: .double)
            #expect(largestDifference(try density(displacement, model, few), exact) > 1e-5)
        }
    }

    /// The error falls with the buffer, on lattices that blocks do not fill evenly too, and below that of a patch as wide.
    @Test(arguments: [
        (Samples.square, [29, 26], [true, true]), (Samples.square, [27, 31], [true, false]),
        (Samples.honeycomb, [19, 17], [true, true]), (Samples.triangular, [23, 22], [true, true]),
    ])
    func convergesWithTheBuffer(lattice: Lattice, size: [Int], periodic: [Bool]) throws {
        let displacement = try random(lattice, size, periodic: periodic)
        let model = try Samples.model(coupling: 2)
        let exact = try ElectronicForceField(model, SelectedInversion()).solve(displacement).density.values
        var errors: [Double] = []
        for radius in [0, 2, 4, 6] {
            let options = Options(core: 6, radius: radius, levels: 2, poleTolerance: 1e-9, precision: .double)
            errors.append(largestDifference(try density(displacement, model, options), exact))
        }
        #expect(errors[0] < 0.3 && errors[3] < 5e-3 && errors[3] > 1e-9)
        for (wide, narrow) in zip(errors.dropFirst(), errors) { #expect(wide < 0.7 * narrow) }
        let patch = Options(radius: 2, levels: 2, poleTolerance: 1e-9, precision: .double)
        let patchError = try rootMeanSquare(density(displacement, model, patch), exact)
        let block = Options(core: 6, radius: 2, levels: 2, poleTolerance: 1e-9, precision: .double)
        #expect(try rootMeanSquare(density(displacement, model, block), exact) < patchError)
    }

    private func rootMeanSquare(_ a: [Double], _ b: [Double]) -> Double {
        (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(a.count)).squareRoot()
    }

    /// A core of one cell is the patch of that cell, solved by another program.
    @Test func coreOfOneCellIsThePatch() throws {
        let displacement = try random(Samples.square, [21, 19])
        let model = try Samples.model(particles: .chemicalPotential(-0.3))
        let patch = Options(radius: 2, levels: 2, poleTolerance: 1e-9, precision: .double)
        let expected = try density(displacement, model, patch)
        // Sites in the middle of a core of three cells have a patch of radius 3.
        let block = Options(core: 3, radius: 2, levels: 2, poleTolerance: 1e-9, precision: .double)
        let wide = Options(radius: 3, levels: 2, poleTolerance: 1e-9, precision: .double)
        let (found, wider) = (try density(displacement, model, block), try density(displacement, model, wide))
        let centers = (0..<6).flatMap { y in (0..<7).map { x in (3 * y + 1) * 21 + 3 * x + 1 } }
        #expect(largestDifference(centers.map { found[$0] }, centers.map { wider[$0] }) < 1e-12)
        #expect(largestDifference(centers.map { found[$0] }, centers.map { expected[$0] }) > 1e-6)
    }

    @Test(arguments: [LocalDiagonalization.Options.Precision.single, .double])
    func resultsDoNotDependOnThreads(precision: LocalDiagonalization.Options.Precision) throws {
        let displacement = try random(Samples.square, [70, 45])
        let model = try Samples.model(particles: .filling(0.45))
        let options = Options(core: 4, radius: 2, levels: 2, precision: precision)
        let expected = try density(displacement, model, options)
        for threads in [2, 3] { #expect(try density(displacement, model, options, threads: threads) == expected) }
    }

    /// n(−Q) = 1 − n(Q), and translations by whole blocks.
    @Test func symmetries() throws {
        let displacement = try random(Samples.square, [36, 30])
        let mirrored = SiteField(displacement.supercell, values: displacement.values.map { -$0 })
        let model = try Samples.model(coupling: 3)
        let options = Options(core: 6, radius: 2, levels: 2)
        let found = try density(displacement, model, options)
        #expect(largestDifference(try density(mirrored, model, options), found.map { 1 - $0 }) < 2e-6)
        let moved = try density(displacement.translated(by: [6, 12]), model, options)
        let expected = SiteField(displacement.supercell, values: found).translated(by: [6, 12]).values
        #expect(largestDifference(moved, expected) < 2e-6)
        #expect(found.contains { $0 > 0.9 } && found.contains { $0 < 0.1 })
    }
}
