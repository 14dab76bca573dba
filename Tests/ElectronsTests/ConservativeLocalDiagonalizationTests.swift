import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Models
import Testing

/// Densities that are exactly the derivative of an approximate potential.
@Suite struct ConservativeLocalDiagonalizationTests {
    private typealias Solver = ConservativeLocalDiagonalization

    private static func solver(
        _ model: AdiabaticModel, side: Int, levels: Int, tolerance: Double = 1e-11
    ) -> ElectronicForceField<ConservativeLocalDiagonalization> {
        ElectronicForceField(
            model, ConservativeLocalDiagonalization(options: .init(side: side, levels: levels, poleTolerance: tolerance)))
    }

    private static func open(_ lattice: Lattice, _ size: [Int], scale: Double = 1) throws -> SiteField {
        let supercell = try Supercell(lattice, size: size, periodic: size.map { _ in false })
        return SiteField(supercell, values: try Samples.random(lattice, size, scale: scale).values)
    }

    /// A chain is a tree: with levels to its ends density and potential are exact for any window.
    @Test func openChainIsExact() throws {
        let chain = try Self.open(Samples.chain, [15])
        for reservoir in [Reservoir.Particles.chemicalPotential(0.2), .filling(0.4)] {
            let model = try Samples.model(particles: reservoir)
            let exact = try ElectronicForceField(model, ExactDiagonalization()).solveWithPotential(chain)
            for (side, levels) in [(2, 15), (4, 14), (15, 0), (16, 3)] {
                let found = try Self.solver(model, side: side, levels: levels).solveWithPotential(chain)
                #expect(largestDifference(found.density.values, exact.density.values) < 1e-9)
                #expect(abs(found.potential! - exact.potential!) < 1e-7)
            }
        }
    }

    /// A window that holds an open lattice is the whole of it.
    @Test(arguments: [(Samples.square, [4, 3], 4), (Samples.triangular, [3, 3], 3), (Samples.honeycomb, [2, 3], 3)])
    func windowOfAnOpenLatticeIsExact(lattice: Lattice, size: [Int], side: Int) throws {
        for levels in [0, 2] {
            let model = try Samples.model()
            let displacement = try Self.open(lattice, size)
            let exact = try ElectronicForceField(model, ExactDiagonalization()).solveWithPotential(displacement)
            let found = try Self.solver(model, side: side, levels: levels).solveWithPotential(displacement)
            #expect(largestDifference(found.density.values, exact.density.values) < 1e-9)
            #expect(abs(found.potential! - exact.potential!) < 1e-7)
        }
    }

    /// F_i = −∂Ω/∂Q_i to the accuracy of the difference, at fixed μ and fixed filling, with open and periodic ends, where
    /// neither is anywhere near the exact one.
    @Test(arguments: [(2, 0), (2, 1), (2, 3), (3, 2)])
    func forcesAreTheGradient(side: Int, levels: Int) throws {
        for (lattice, size) in [(Samples.square, [9, 8]), (Samples.triangular, [6, 7]), (Samples.honeycomb, [5, 4])] {
            for reservoir in [Reservoir.Particles.chemicalPotential(0.1), .filling(0.4)] {
                for displacement in [try Samples.random(lattice, size), try Self.open(lattice, size)] {
                    let model = try Samples.model(coupling: 2, particles: reservoir)
                    var solver = Self.solver(model, side: side, levels: levels, tolerance: 1e-6)
                    solver.solver.densityTolerance = .infinity
                    let density = try solver.solveWithPotential(displacement).density
                    for site in [0, 7, 19] {
                        let step = 1e-4
                        var moved = displacement
                        moved[site] += step
                        let above = try solver.solveWithPotential(moved).potential!
                        moved[site] -= 2 * step
                        let below = try solver.solveWithPotential(moved).potential!
                        #expect(abs((above - below) / (2 * step) + model.coupling * density[site]) < 2e-6)
                    }
                }
            }
        }
    }

    @Test func jacobianIsSymmetric() throws {
        let model = try Samples.model(coupling: 3)
        let displacement = try Samples.random(Samples.square, [10, 10])
        func asymmetry(_ solver: some SolvedElectrons) throws -> Double {
            try solver.jacobianAsymmetry(at: displacement).ratio
        }
        for (side, levels) in [(2, 2), (3, 1)] {
            #expect(try asymmetry(Self.solver(model, side: side, levels: levels)) < 1e-6)
        }
    }

    @Test func convergence() throws {
        let model = try Samples.model(coupling: 3)
        let displacement = try Samples.random(Samples.square, [16, 16])
        let exact = try ElectronicForceField(model, ExactDiagonalization()).solveWithPotential(displacement)
        let solutions = try (2...4).map { try Self.solver(model, side: $0, levels: 4).solveWithPotential(displacement) }
        let errors = solutions.map { largestDifference($0.density.values, exact.density.values) }
        #expect(errors[1] < 0.6 * errors[0] && errors[2] < 0.6 * errors[1] && errors[2] > 1e-9)
        #expect(abs(solutions[2].potential! - exact.potential!) < 0.02)
    }

    @Test func symmetries() throws {
        let model = try Samples.model()
        let displacement = try Samples.random(Samples.square, [9, 9], scale: 1.5)
        let solver = Self.solver(model, side: 3, levels: 2)
        let density = try solver.solve(displacement).density
        let images: [(SiteField) -> SiteField] =
            PointGroup(of: Samples.square).operations.map { operation in { $0.transformed(by: operation) } }
            + [{ $0.translated(by: [2, -3]) }]
        for image in images {
            #expect(largestDifference(try solver.solve(image(displacement)).density.values, image(density).values) < 1e-12)
        }
        var negative = displacement
        for site in negative.values.indices { negative[site] *= -1 }
        #expect(largestDifference(try solver.solve(negative).density.values, density.values.map { 1 - $0 }) < 1e-14)
    }

    /// The same bits for any number of threads; single precision differs by its rounding only.
    @Test func threadsAndPrecision() throws {
        let model = try Samples.model()
        let displacement = try Samples.random(Samples.square, [80, 75], scale: 1.5)
        let options = ConservativeLocalDiagonalization.Options(side: 2, levels: 2)
        let one = try ElectronicForceField(model, ConservativeLocalDiagonalization(options: options)).solveWithPotential(
            displacement)
        let three = try ElectronicForceField(
            model, ConservativeLocalDiagonalization(options: options, pool: WorkerPool(threads: 3))
        )
        .solveWithPotential(displacement)
        #expect(one == three)
        var single = options
        single.precision = .single
        let rounded = try ElectronicForceField(model, ConservativeLocalDiagonalization(options: single)).solve(displacement)
        #expect(largestDifference(rounded.density.values, one.density.values) < 2e-6)
        #expect(rounded.density != one.density && rounded.potential == nil)
    }

    @Test func limitsAndErrors() throws {
        let displacement = try Samples.random(Samples.square, [5, 5])
        let atoms = try Samples.model(hopping: 0)
        let exact = try ElectronicForceField(atoms, ExactDiagonalization()).solveWithPotential(displacement)
        let found = try Self.solver(atoms, side: 2, levels: 1).solveWithPotential(displacement)
        #expect(largestDifference(found.density.values, exact.density.values) < 1e-12)
        #expect(abs(found.potential! - exact.potential!) < 1e-11)
        #expect(throws: LocalDiagonalizationError.bondLeavesWindow(side: 1, lattice: "square", needed: 2)) {
            try Self.solver(try Samples.model(), side: 1, levels: 1).solve(displacement)
        }
        #expect(throws: ElectronicStructureError.zeroTemperature(solver: "conservative-local-diagonalization")) {
            try Self.solver(try Samples.model(temperature: 0), side: 2, levels: 1).solve(displacement)
        }
    }
}
