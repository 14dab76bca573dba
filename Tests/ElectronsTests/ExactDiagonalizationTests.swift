import Electrons
import LatticeNumerics
import Lattices
import Synchronization
import Testing

@Suite struct ExactDiagonalizationTests {
    @Test func hasTheNameOfRecipes() {
        #expect(ExactDiagonalization.name == "exact-diagonalization")
    }

    /// Several threads, sizes and lattices at once on one instance: the same bits as one after the other.
    @Test func isSafeOnSeveralThreads() throws {
        let solver = ElectronicForceField(try Samples.model(particles: .filling(0.45)), ExactDiagonalization())
        let configurations = try (0..<24).map { index in
            switch index % 3 {
            case 0: try Samples.random(Samples.square, [6, 6], seed: UInt64(index))
            case 1: try Samples.random(Samples.square, [9, 4], seed: UInt64(index))
            default: try Samples.random(Samples.triangular, [6, 6], seed: UInt64(index))
            }
        }
        let expected = try configurations.map { try ElectronicForceField(solver.model, ExactDiagonalization()).solve($0) }
        let found = Mutex<[Int: ElectronicState]>([:])
        try WorkerPool(threads: 4).tryForEach(count: 24) { piece, _ in
            let state = try solver.solve(configurations[piece])
            found.withLock { $0[piece] = state }
        }
        #expect(found.withLock { found in expected.indices.map { found[$0]! } } == expected)
    }

    @Test func nonFiniteEnergysAreNamed() throws {
        let solver = ElectronicForceField(try Samples.model(), ExactDiagonalization())
        var displacement = try Samples.random(Samples.square, [5, 4])
        displacement[13] = .nan
        let error = #expect(throws: ElectronicStructureError.self) { try solver.solve(displacement) }
        #expect(error?.description == "configuration of site 13 (cell [3, 2]): nan; a number with a finite energy is needed")
        displacement[13] = -.infinity
        #expect(throws: ElectronicStructureError.self) { try solver.forces(at: displacement) }
        // An error leaves the solver usable.
        displacement[13] = 0
        #expect(try solver.solve(displacement).electrons > 1)
    }

    /// Displacements so large that g·Q overflows give an error, those that only drown the hopping an answer.
    @Test func hugeDisplacements() throws {
        let solver = ElectronicForceField(try Samples.model(), ExactDiagonalization())
        var displacement = try Samples.random(Samples.square, [4, 4])
        displacement[5] = 1.7e308
        displacement[6] = -1.7e308
        let error = #expect(throws: ElectronicStructureError.self) { try solver.solve(displacement) }
        #expect(error == .nonFiniteEnergy(site: 5, cell: [1, 1], value: 1.7e308))
        for huge in [1e12, 1e300] {
            displacement[5] = huge
            displacement[6] = -huge
            let state = try solver.solve(displacement)
            #expect(abs(state.density[5] - 1) < 1e-10)
            #expect(abs(state.density[6]) < 1e-10)
            // The other sites are what they are beside walls of any height, here with what 10⁸ leaves of rounding.
            displacement[5] = 1e8
            displacement[6] = -1e8
            let walls = try ElectronicForceField(try Samples.model(temperature: 2), ExactDiagonalization()).solve(displacement)
            displacement[5] = huge
            displacement[6] = -huge
            let higher = try ElectronicForceField(try Samples.model(temperature: 2), ExactDiagonalization()).solve(displacement)
            #expect(largestDifference(walls.density.values, higher.density.values) < 1e-7)
            #expect(largestDifference(walls.eigenvalues![1..<15], higher.eigenvalues![1..<15]) < 1e-6)
        }
    }

    @Test func tooManySitesIsAnError() throws {
        let displacement = SiteField(try Supercell(Samples.square, size: [200, 200]))
        let error = #expect(throws: ElectronicStructureError.self) {
            try ElectronicForceField(Samples.model(), ExactDiagonalization()).solve(displacement)
        }
        #expect(error?.description == "40000 sites; exact diagonalization takes at most 32766")
    }
}
