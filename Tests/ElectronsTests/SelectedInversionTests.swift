import Electrons
import Foundation
import LatticeNumerics
import Lattices
import Models
import Testing

/// Selected inversion against exact diagonalization, the reference data and closed forms.
@Suite struct SelectedInversionTests {
    @Test func hasTheNameOfRecipes() {
        #expect(SelectedInversion.name == "selected-inversion")
    }

    @Test(arguments: ReferenceCase.all)
    func agreesWithNumPy(reference: ReferenceCase) throws {
        let solution = try ElectronicForceField(reference.model(), SelectedInversion()).solution(
            at: reference.field("displacement"))
        #expect(largestDifference(solution.density.values, try reference.field("density").values) < 2e-10)
        #expect(largestDifference(solution.force.values, try reference.field("force").values) < 1e-9)
        #expect(abs(solution.potential! / reference.potential - 1) < 1e-9)
        #expect(abs(solution.electrons - reference.electrons) < 1e-9)
    }

    /// A lattice and how a configuration on it is made.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let displacement: SiteField

        /// Random, ordered up to noise, and perfectly ordered configurations.
        static func all(_ lattice: Lattice, _ size: [Int], periodic: [Bool]? = nil) -> [Sample] {
            do {
                let supercell = try Supercell(lattice, size: size, periodic: periodic)
                let noise = RandomStream(seed: 5, purpose: .testing).normals(count: supercell.siteCount, step: 0)
                let signs = supercell.sublatticeSigns() ?? noise.map { $0 < 0 ? -1 : 1 }
                let ends = periodic.map { " \($0)" } ?? ""
                func sample(_ name: String, _ values: [Double]) -> Sample {
                    Sample(
                        testDescription: "\(name) \(lattice.name) \(size)\(ends)",
                        displacement: SiteField(supercell, values: values))
                }
                return [
                    sample("random", noise.map { 5 * $0 }), sample("ordered", zip(signs, noise).map { 1.4 * $0 + 0.3 * $1 }),
                    sample("perfect", signs.map { 1.4 * $0 }), sample("uniform", noise.map { _ in 0.1 }),
                ]
            } catch {
                preconditionFailure("\(error)")
            }
        }

        static let squares =
            all(Samples.square, [10, 10]) + all(Samples.square, [9, 7]) + all(Samples.square, [13, 6], periodic: [false, true])
            + all(Samples.square, [11, 8], periodic: [false, false])
        static let others =
            all(Samples.chain, [37]) + all(Samples.chain, [37], periodic: [false]) + all(Samples.triangular, [8, 7])
            + all(Samples.honeycomb, [6, 5]) + all(Samples.honeycomb, [6, 5], periodic: [false, false])
            + all(Samples.cubic, [5, 4, 3]) + all(Samples.cubic, [4, 3, 4], periodic: [true, false, true])
            + all(Samples.square, [1, 9]) + all(Samples.square, [2, 7]) + all(Samples.square, [1, 1])
            + all(Samples.square, [2, 1])
    }

    /// Everything that both find.
    private func expectAgreement(_ displacement: SiteField, _ model: AdiabaticModel, densities tolerance: Double = 2e-10) throws {
        let expected = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement, wanted: .bonds)
        let found = try ElectronicForceField(model, SelectedInversion()).solve(displacement, wanted: .bonds)
        let error = largestDifference(found.density.values, expected.density.values)
        #expect(error < tolerance)
        #expect(largestDifference(found.bondOrders!, expected.bondOrders!) < tolerance)
        #expect(found.bondOrders!.count == displacement.supercell.bondPairs().count)
        let scale = abs(expected.potential!) + Double(displacement.supercell.siteCount)
        #expect(abs(found.potential! - expected.potential!) < 1e-9 * scale)
        #expect(error <= found.errorEstimate! + 1e-12)
        #expect(found.errorEstimate! <= 1e-10)
    }

    @Test(arguments: Sample.squares, [1e-3, 1e-2, 0.1, 1])
    func agreesWithDiagonalization(sample: Sample, temperature: Double) throws {
        try expectAgreement(sample.displacement, Samples.model(coupling: 3.5, temperature: temperature))
        let doped = Reservoir.Particles.chemicalPotential(0.3)
        try expectAgreement(sample.displacement, Samples.model(coupling: 1.5, temperature: temperature, particles: doped))
    }

    /// A lattice with several shells of bonds, each with an element of its own.
    struct Shells: Sendable {
        let lattice: Lattice
        let size: [Int]
        let periodic: [Bool]
        let elements: [Double]
    }

    private static let striped = try! Lattice(
        name: "striped", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
        bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1], shell: 2)])

    /// t_2 = −0.3 on the square lattice, also where bonds wrap onto their own site or pair; t_2 = 0.3 on a chain with and without
    /// ends; three shells; other bonds along x than along y; and a second shell without elements.
    private static let shells = try! [
        Shells(lattice: Samples.square.withShells(2), size: [8, 6], periodic: [true, true], elements: [-1, 0.3]),
        Shells(lattice: Samples.square.withShells(2), size: [13, 9], periodic: [false, true], elements: [-1, 0.3]),
        Shells(lattice: Samples.square.withShells(2), size: [2, 7], periodic: [true, true], elements: [-1, 0.3]),
        Shells(lattice: Samples.square.withShells(2), size: [1, 7], periodic: [true, true], elements: [-1, 0.3]),
        Shells(lattice: Samples.chain.withShells(2), size: [21], periodic: [false], elements: [-1, -0.3]),
        Shells(lattice: Samples.chain.withShells(2), size: [22], periodic: [true], elements: [-1, -0.3]),
        Shells(
            lattice: Samples.cubic.withShells(3), size: [4, 4, 3], periodic: [true, false, true], elements: [-1, -0.2, 0.1]),
        Shells(lattice: striped, size: [9, 8], periodic: [true, true], elements: [-1, -0.4]),
        Shells(lattice: striped, size: [9, 8], periodic: [true, true], elements: [-1]),
    ]

    /// Against the levels of the dense matrix, put together here; the grand potential is that of the determinants.
    @Test(arguments: shells)
    func agreesWithTheDenseMatrixOfSeveralShells(of sample: Shells) throws {
        let supercell = try Supercell(sample.lattice, size: sample.size, periodic: sample.periodic)
        let count = supercell.siteCount
        let energies = RandomStream(seed: 3, purpose: .testing).normals(count: count, step: 0).map { 2 * $0 }
        let pairs = supercell.bondPairs()
        let levels = SymmetricEigensolver(dimension: count)
        for site in 0..<count { levels.matrix[site * count + site] = energies[site] }
        for ((from, to), bond) in zip(pairs, supercell.bondIndices())
        where sample.lattice.bonds[bond].shell <= sample.elements.count {
            levels.matrix[from * count + to] += sample.elements[sample.lattice.bonds[bond].shell - 1]
            levels.matrix[to * count + from] += sample.elements[sample.lattice.bonds[bond].shell - 1]
        }
        try levels.solve()
        let (temperature, chemicalPotential) = (0.1, 0.4)
        let exponents = levels.eigenvalues.map { ($0 - chemicalPotential) / temperature }
        func expected(_ i: Int, _ j: Int) -> Double {
            exponents.indices.reduce(0) {
                $0 + levels.matrix[$1 * count + i] * levels.matrix[$1 * count + j] / (1 + exp(exponents[$1]))
            }
        }
        let grandPotential = -temperature * exponents.reduce(0) { $0 + max(0, -$1) + log1p(exp(-abs($1))) }
        let h = TightBinding(
            supercell, onsite: .blocks(ElementBlocks(orbitals: 1, real: energies)), bonds: .uniform(sample.elements))
        let reservoir = Reservoir(temperature: temperature, .chemicalPotential(chemicalPotential))
        let solvers: [any PotentialSolver] = [SelectedInversion(), ExactDiagonalization()]
        for solver in solvers {
            let found = try solver.solve(h, reservoir, wanted: .bonds)
            #expect(largestDifference(found.density.values, (0..<count).map { expected($0, $0) }) < 1e-11)
            #expect(largestDifference(found.bondOrders!, pairs.map { expected($0.0, $0.1) }) < 1e-11)
            #expect(abs(found.potential! - grandPotential) < 1e-11 * Double(count))
        }
        // A filling is met by the same state.
        let filling = Reservoir(
            temperature: temperature, .filling((0..<count).reduce(0) { $0 + expected($1, $1) } / Double(count)))
        let filled = try SelectedInversion().solve(h, filling, wanted: .sites)
        #expect(abs(filled.chemicalPotential - chemicalPotential) < 1e-8)
        // Patches and windows have one element, and say so.
        let local: [any ElectronicSolver] = [
            LocalDiagonalization(options: .init(radius: 2, levels: 2)),
            ConservativeLocalDiagonalization(options: .init(side: 3, levels: 2)),
        ]
        for solver in local {
            #expect(throws: ElectronicStructureError.elementsNotTaken(solver: type(of: solver).name)) {
                try solver.solve(h, reservoir, wanted: .sites)
            }
        }
    }

    @Test(arguments: Sample.others)
    func agreesOnOtherLattices(sample: Sample) throws {
        try expectAgreement(sample.displacement, Samples.model(temperature: 0.05, particles: .chemicalPotential(-0.2)))
        try expectAgreement(sample.displacement, Samples.model(hopping: -0.8, temperature: 0.3))
    }

    @Test(arguments: [0.5, 0.37, 0.02], [0.02, 0.5])
    func findsTheChemicalPotential(filling: Double, temperature: Double) throws {
        let model = try Samples.model(coupling: 3.5, temperature: temperature, particles: .filling(filling))
        for sample in Sample.squares {
            let displacement = sample.displacement
            let expected = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
            let found = try ElectronicForceField(model, SelectedInversion()).solve(displacement)
            let sites = Double(displacement.supercell.siteCount)
            #expect(abs(found.electrons - filling * sites) <= 1e-10)
            #expect(largestDifference(found.density.values, expected.density.values) < 2e-10)
            #expect(abs(found.potential! - expected.potential!) < 1e-9 * sites)
        }
    }

    /// g = 0 on lattices far beyond diagonalization: n = mean f(ε_k), and Ω the sum over the band.
    @Test func freeElectronsOnALargeLattice() throws {
        let (width, height) = (60, 45)
        let model = try Samples.model(coupling: 0, temperature: 0.07, particles: .chemicalPotential(-0.9))
        let supercell = try Supercell(Samples.square, size: [width, height])
        let found = try ElectronicForceField(model, SelectedInversion(pool: WorkerPool(threads: 2))).solve(
            SiteField(supercell), wanted: .bonds)
        let sites = Double(width * height)
        var (electrons, energy, grandPotential) = (0.0, 0.0, 0.0)
        for x in 0..<width {
            for y in 0..<height {
                let level =
                    -2 * cos(2 * Double.pi * Double(x) / Double(width)) - 2 * cos(2 * Double.pi * Double(y) / Double(height))
                let exponential: Double = exp(-(level + 0.9) / 0.07)
                electrons += exponential / (1 + exponential)
                energy += level * exponential / (1 + exponential)
                grandPotential -= 0.07 * log1p(exponential)
            }
        }
        let occupation = electrons / sites
        #expect(occupation > 0.2 && occupation < 0.4)
        #expect(found.density.values.allSatisfy { abs($0 - occupation) < 1e-10 })
        #expect(abs(found.potential! / grandPotential - 1) < 1e-11)
        // ⟨H⟩ = −2t Σ bond orders
        #expect(abs(-2 * found.bondOrders!.reduce(0, +) - energy) < 1e-10 * sites)
    }

    /// The order of elimination is not translation invariant; the density has to be.
    @Test func translationsMoveTheDensityAlong() throws {
        let displacement = try Samples.random(Samples.square, [48, 48], scale: 3)
        let solver = ElectronicForceField(
            try Samples.model(coupling: 3.5, temperature: 0.02), SelectedInversion(pool: WorkerPool(threads: 2)))
        let density = try solver.solve(displacement).density
        let moved = try solver.solve(displacement.translated(by: [7, 19])).density
        #expect(largestDifference(moved.values, density.translated(by: [7, 19]).values) < 1e-12)
        #expect(density.values.contains { $0 > 0.9 } && density.values.contains { $0 < 0.1 })
    }

    @Test func resultsDoNotDependOnThreads() throws {
        let displacement = try Samples.random(Samples.square, [40, 40], scale: 4)
        let model = try Samples.model(coupling: 3.5)
        let expected = try ElectronicForceField(model, SelectedInversion()).solve(displacement)
        for threads in [2, 3, 8] {
            #expect(
                try ElectronicForceField(model, SelectedInversion(pool: WorkerPool(threads: threads))).solve(displacement)
                    == expected)
        }
    }

    @Test func resultsDoNotDependOnWhatWasSolvedBefore() throws {
        let solver = ElectronicForceField(try Samples.model(coupling: 3.5, particles: .filling(0.4)), SelectedInversion())
        let first = try Samples.random(Samples.square, [12, 9], scale: 4)
        let expected = try solver.solve(first)
        _ = try solver.solve(Samples.random(Samples.square, [12, 9], scale: 400, seed: 2))
        _ = try solver.solve(Samples.random(Samples.square, [7, 7]))
        #expect(try solver.solve(first) == expected)
    }

    @Test(arguments: [1e-2, 1e-4, 1e-6, 1e-8])
    func tolerancesAreMetAndEstimated(tolerance: Double) throws {
        let displacement = try Samples.random(Samples.square, [10, 10], scale: 4)
        let model = try Samples.model(coupling: 3.5, temperature: 0.005)
        let expected = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
        let found = try ElectronicForceField(model, SelectedInversion(tolerance: tolerance)).solve(displacement)
        let error = largestDifference(found.density.values, expected.density.values)
        #expect(error <= tolerance)
        #expect(error <= found.errorEstimate! + 1e-12 && found.errorEstimate! <= tolerance)
    }

    @Test func whatCannotBeMetIsAnError() throws {
        let displacement = try Samples.random(Samples.square, [6, 6])
        #expect(throws: ElectronicStructureError.zeroTemperature(solver: "selected-inversion")) {
            try ElectronicForceField(try Samples.model(temperature: 0), SelectedInversion()).solve(displacement)
        }
        #expect(throws: PoleExpansionError.self) {
            try ElectronicForceField(try Samples.model(), SelectedInversion(tolerance: 1e-16)).solve(displacement)
        }
        let cold = #expect(throws: ElectronicStructureError.self) {
            try ElectronicForceField(try Samples.model(temperature: 1e-12), SelectedInversion()).solve(displacement)
        }
        #expect(cold?.description.hasPrefix("temperature: 1e-12; selected-inversion needs") == true)
        var infinite = displacement
        infinite[4] = .nan
        #expect(throws: ElectronicStructureError.self) {
            try ElectronicForceField(try Samples.model(), SelectedInversion()).solve(infinite)
        }
    }

    /// A level of width k_BT in 10⁶: the poles near the real axis make rounding visible, and the solver says so.
    @Test func roundingIsNoticed() throws {
        let displacement = try Samples.chargeDensityWave(Samples.square, [8, 8], amplitude: 0)
        let model = try Samples.model(temperature: 1e-7)
        do {
            let found = try ElectronicForceField(model, SelectedInversion(tolerance: 1e-6)).solve(displacement)
            let expected = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
            #expect(largestDifference(found.density.values, expected.density.values) <= found.errorEstimate!)
        } catch let error as ElectronicStructureError {
            guard case .toleranceNotMet = error else { throw error }
        }
    }
}
