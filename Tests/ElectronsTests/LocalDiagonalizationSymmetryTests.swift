import Electrons
import LatticeNumerics
import Lattices
import Models
import Testing

/// What must hold for any radius and any number of levels.
@Suite struct LocalDiagonalizationSymmetryTests {
    private static let choices = [(0, 3), (1, 0), (1, 2), (2, 1), (3, 2)].map {
        LocalDiagonalization.Options(radius: $0.0, levels: $0.1, poles: 9, precision: .double)
    }

    @Test(arguments: [(Samples.square, [10, 10]), (Samples.triangular, [7, 7]), (Samples.honeycomb, [6, 6])])
    func operationsAndTranslations(lattice: Lattice, size: [Int]) throws {
        let displacement = try Samples.random(lattice, size, scale: 1.5)
        let group = PointGroup(of: lattice)
        for options in Self.choices {
            let solver = ElectronicForceField(try Samples.model(), LocalDiagonalization(options: options))
            let density = try solver.solve(displacement).density
            let images: [(SiteField) -> SiteField] =
                group.operations.map { operation in { $0.transformed(by: operation) } }
                + [[1, 0], [0, 1], [3, -2]].map { shift in { $0.translated(by: shift) } }
            for image in images {
                let moved = try solver.solve(image(displacement)).density
                #expect(largestDifference(moved.values, image(density).values) < 1e-12)
            }
        }
    }

    /// n(−Q) = 1 − n(Q) at μ = 0, to the last bit of the sum.
    @Test func particlesAndHoles() throws {
        for lattice in [Samples.square, Samples.honeycomb] {
            let displacement = try Samples.random(lattice, [10, 7], scale: 1.5)
            var negative = displacement
            for site in negative.values.indices { negative[site] *= -1 }
            for precision in LocalDiagonalization.Options.Precision.allCases {
                for radius in 0...2 {
                    let options = LocalDiagonalization.Options(radius: radius, levels: 2, precision: precision)
                    let solver = ElectronicForceField(try Samples.model(), LocalDiagonalization(options: options))
                    let density = try solver.solve(displacement).density.values
                    let mirrored = try solver.solve(negative).density.values
                    #expect(largestDifference(mirrored, density.map { 1 - $0 }) < 1e-15)
                    #expect(density.contains { abs($0 - 0.5) > 0.1 })
                }
            }
        }
    }

    /// Uniform, checkerboard and flat configurations are nothing special.
    @Test func symmetricConfigurations() throws {
        let wave = try Samples.chargeDensityWave(Samples.square, [8, 8], amplitude: 1.3)
        let options = LocalDiagonalization.Options(radius: 2, levels: 2, precision: .double)
        let solver = ElectronicForceField(try Samples.model(), LocalDiagonalization(options: options))
        for displacement in [wave, SiteField(wave.supercell, repeating: 0.4), SiteField(wave.supercell)] {
            let density = try solver.solve(displacement).density.values
            for site in density.indices { #expect(abs(density[site] - density[displacement[site] > 0.5 ? 0 : 1]) < 0.5) }
            let like = density.indices.filter { displacement[$0] == displacement[0] }.map { density[$0] }
            #expect(largestDifference(like, like.map { _ in like[0] }) < 1e-13)
            #expect(like[0].isFinite)
        }
        #expect(try solver.solve(SiteField(wave.supercell)).density.values.allSatisfy { $0 == 0.5 })
    }

    /// The same bits for any number of threads, and from a solver that has been used before.
    @Test func threads() throws {
        for (lattice, size) in [(Samples.square, [70, 90]), (Samples.honeycomb, [50, 50])] {
            let displacement = try Samples.random(lattice, size, scale: 1.5)
            let other = try Samples.random(lattice, size, scale: 3, seed: 2)
            for reservoir in [Reservoir.Particles.chemicalPotential(0), .filling(0.4)] {
                for options in [
                    LocalDiagonalization.Options(radius: 1, levels: 2), .init(radius: 0, levels: 3, precision: .double),
                ] {
                    let model = try Samples.model(particles: reservoir)
                    let one = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement)
                    let solver = ElectronicForceField(model, LocalDiagonalization(options: options, pool: WorkerPool(threads: 3)))
                    _ = try solver.solve(other)
                    #expect(try solver.solve(displacement) == one)
                }
            }
        }
    }
}
