import Electrons
import ForceFields
import Foundation
import Lattices
import Models
import Testing

/// Energies v_i of sites.
@Suite struct OnsiteEnergyTests {
    private func disordered(_ width: Double, seed: UInt64 = 3, temperature: Double = 0.1, hopping: Double = 1) throws
        -> AdiabaticModel
    {
        let model = try Samples.model(hopping: hopping, temperature: temperature).with("onsite_disorder", width)
        var energies = try #require(model.onsiteEnergies)
        energies.seed = seed
        return model.with(energies)
    }

    /// v as a solver sees them: the elements at Q = 0.
    private func energies(_ model: AdiabaticModel, _ supercell: Supercell) throws -> [Double] {
        let h = try model.tightBinding(at: SiteField(supercell))
        return try #require(h.uniform).values.values
    }

    /// Uniform in [−W/2, W/2], of mean 0 and variance W²/12, other ones for another seed, and neighbours know nothing of one another.
    @Test func randomEnergies() throws {
        let supercell = try Supercell(Samples.honeycomb, size: [80, 70])
        let v = try energies(disordered(3), supercell)
        #expect(v.allSatisfy { abs($0) <= 1.5 } && v.max()! > 1.49 && v.min()! < -1.49)
        let count = Double(v.count)
        let (mean, variance) = (v.reduce(0, +) / count, v.reduce(0) { $0 + $1 * $1 } / count)
        #expect(abs(mean) < 5 * (0.75 / count).squareRoot() && abs(variance - 0.75) < 5 * (0.45 / count).squareRoot())
        for shift in [1, 2, 160] {
            let correlation = (0..<v.count - shift).reduce(0) { $0 + v[$1] * v[$1 + shift] } / count
            #expect(abs(correlation) < 5 * 0.75 / count.squareRoot(), "\(shift)")
        }
        #expect(try energies(disordered(3, seed: 4), supercell) != v)
        #expect(try largestDifference(energies(disordered(6), supercell).map { $0 / 2 }, v) < 1e-15)
        #expect(try disordered(3, seed: 4) != disordered(3) && disordered(0, seed: 4) == disordered(0, seed: 5))
        #expect(throws: ModelError.self) { try disordered(-1) }
    }

    /// A cell has its energies in whatever piece of the lattice it is, and on a larger lattice.
    @Test func aCellKeepsItsEnergies() throws {
        let model = try disordered(2)
        for (lattice, size) in [(Samples.chain, [30]), (Samples.honeycomb, [12, 10]), (Samples.cubic, [6, 5, 4])] {
            let whole = try Supercell(lattice, size: size)
            let v = try energies(model, whole)
            let basis = lattice.basis.count
            let larger = try Supercell(lattice, size: size.map { $0 + 3 })
            for (site, value) in try energies(model, larger).enumerated() {
                let cell = larger.cell(of: site)
                guard zip(cell, size).allSatisfy({ $0 < $1 }) else { continue }
                #expect(value == v[whole.site(cell: cell, basis: site % basis)])
            }
            for domain in DomainCuts(starts: size.map { [0, $0 / 3, $0 / 2] }).domains(of: whole, reach: 2, alignment: 1) {
                for (site, value) in try energies(model, domain.local).enumerated() {
                    let cell = zip(domain.local.cell(of: site), zip(domain.box.origin, domain.halo)).map { $0 + $1.0 - $1.1 }
                    #expect(value == v[whole.site(cell: cell, basis: site % basis)])
                }
                // A piece of a piece.
                let inner = try Supercell(lattice, size: size.map { _ in 1 }).piece(of: domain.local, at: domain.window.origin)
                #expect(try energies(model, inner)[0] == v[whole.site(cell: domain.box.origin)])
            }
        }
    }

    /// t = 0: n_i = f(v_i − g Q_i), by every solver.
    @Test func atomicLimit() throws {
        let model = try disordered(4, temperature: 0.3, hopping: 0)
        let x = try Samples.random(Samples.square, [5, 6])
        let v = try energies(model, x.supercell)
        let expected = zip(v, x.values).map { 1 / (exp(($0 - 1.5 * $1) / 0.3) + 1) }
        let local = LocalDiagonalization.Options(radius: 1, levels: 1, poleTolerance: 1e-9, precision: .double)
        for solver in [
            ExactDiagonalization(), SelectedInversion(tolerance: 1e-12), LocalDiagonalization(options: local),
        ] as [any ElectronicSolver] {
            let density = try solver.solve(model.tightBinding(at: x), model.reservoir, wanted: .sites).density.values
            #expect(largestDifference(density, expected) < 1e-8, "\(type(of: solver).name)")
        }
    }

    /// Two sites: levels (a + b)/2 ± r, r² = ((a − b)/2)² + t², and a site's share of them by its energy.
    @Test func twoSites() throws {
        let model = try disordered(3, temperature: 0.2)
        let x = SiteField(try Supercell(Samples.chain, size: [2], periodic: [false]), values: [0.3, -0.5])
        let v = try energies(model, x.supercell)
        let (a, b) = (v[0] - 1.5 * 0.3, v[1] + 1.5 * 0.5)
        let r = ((a - b) * (a - b) / 4 + 1).squareRoot()
        func f(_ energy: Double) -> Double { 1 / (exp(energy / 0.2) + 1) }
        let (low, high) = (f((a + b) / 2 - r), f((a + b) / 2 + r))
        let share = (1 - (a - b) / (2 * r)) / 2
        let expected = [share * low + (1 - share) * high, (1 - share) * low + share * high]
        let state = try ElectronicForceField(model, ExactDiagonalization()).solve(x)
        #expect(largestDifference(state.density.values, expected) < 1e-13)
        let inverted = try ElectronicForceField(model, SelectedInversion(tolerance: 1e-12)).solve(x)
        #expect(largestDifference(inverted.density.values, expected) < 1e-11)
    }

    /// Domains have the forces of the whole bit by bit: they know their cells, and the poles are those of all energies.
    @Test(arguments: [1, 3]) func domainsHaveTheForcesOfTheWhole(core: Int) throws {
        let options = LocalDiagonalization.Options(core: core, radius: 1, levels: 1, precision: .single)
        let electrons = ElectronicForceField(try disordered(3), LocalDiagonalization(options: options))
        let x = try Samples.random(Samples.square, [18, 15])
        try expectTheBitsOfTheWhole(at: x, cut: DomainCuts(starts: [[0, 9], [0, 6, 12]])) {
            try #require(LocalElectronicForceField(electrons, on: $0.lattice))
        }
    }

    /// Energies of a file belong to a lattice of one size; what cannot be had is not solved.
    @Test func energiesThatWereGiven() throws {
        let x = try Samples.random(Samples.square, [4, 3])
        var energies = OnsiteEnergies()
        energies.given = .init(path: "v.npy", digest: "", field: .values(x.values.map { 2 * $0 }, size: [4, 3]))
        let model = try Samples.model().with(energies)
        #expect(try self.energies(model, x.supercell) == x.values.map { 2 * $0 })
        #expect(
            try !model.hasParticleHoleSymmetry(on: Samples.square) && Samples.model().hasParticleHoleSymmetry(on: Samples.square))
        try energies.validate(on: [4, 3])
        let error = #expect(throws: ModelError.self) { try energies.validate(on: [3, 4], of: "simulate.size") }
        #expect(error?.description.contains("\"v.npy\" has the energies of [4, 3] cells, and simulate.size has [3, 4]") == true)
        // With v = 2Q the electrons are those of a coupling that is smaller by 2.
        let other = try Samples.model(coupling: -0.5)
        #expect(
            try largestDifference(
                ElectronicForceField(model, ExactDiagonalization()).solve(x).density.values,
                ElectronicForceField(other, ExactDiagonalization()).solve(x).density.values) < 1e-13)
        energies.given = .init(path: "v.npy", digest: "", field: .missing(problem: "is gone"))
        let gone = try Samples.model().with(energies)
        #expect(throws: ModelError(key: "onsite", problem: "is gone")) {
            try ElectronicForceField(gone, ExactDiagonalization()).solve(x)
        }
    }
}
