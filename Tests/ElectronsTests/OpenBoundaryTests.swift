import Electrons
import Foundation
import Lattices
import Testing

/// Lattices with open ends, against closed forms and differences of the potential.
@Suite struct OpenBoundaryTests {
    private func random(_ lattice: Lattice, _ size: [Int], _ periodic: [Bool]) throws -> SiteField {
        SiteField(try Supercell(lattice, size: size, periodic: periodic), values: try Samples.random(lattice, size).values)
    }

    /// cos of the wave numbers 2πk/L of a ring, or πk/(L+1), k = 1…L, of a chain with open ends.
    private func cosines(_ side: Int, _ periodic: Bool) -> [Double] {
        (1...side).map { cos(periodic ? 2 * .pi * Double($0) / Double(side) : .pi * Double($0) / Double(side + 1)) }
    }

    /// g = 0: ε = −2t Σ cos k over the directions.
    @Test(arguments: [
        ([7, 5], [false, false]), ([6, 5], [true, false]), ([5, 4], [false, true]), ([1, 6], [false, true]),
        ([2, 3], [false, false]),
    ])
    func freeElectronsOnARectangle(size: [Int], periodic: [Bool]) throws {
        let expected = cosines(size[0], periodic[0]).flatMap { x in cosines(size[1], periodic[1]).map { -2 * 0.7 * (x + $0) } }
        let solver = ElectronicForceField(try Samples.model(hopping: 0.7, coupling: 0), ExactDiagonalization())
        let found = try solver.solve(random(Samples.square, size, periodic)).eigenvalues!
        #expect(found.count == expected.count)
        #expect(largestDifference(found, expected.sorted()) < 1e-13)
    }

    /// The free chain with open ends: n_i = (2/(L+1)) Σ_k sin²(k i) f(ε_k), and ⟨c†_i c_i+1⟩ likewise.
    @Test func densityOfAChain() throws {
        let length = 9
        let model = try Samples.model(coupling: 0, temperature: 0.3, particles: .chemicalPotential(-0.4))
        let state = try ElectronicForceField(model, ExactDiagonalization()).solve(
            random(Samples.chain, [length], [false]), wanted: .bonds)
        func sum(_ i: Int, _ j: Int) -> Double {
            (1...length).reduce(0) { sum, level in
                let k = .pi * Double(level) / Double(length + 1)
                let occupation = 1 / (exp((-2 * cos(k) + 0.4) / 0.3) + 1)
                return sum + 2 / Double(length + 1) * sin(k * Double(i)) * sin(k * Double(j)) * occupation
            }
        }
        #expect(largestDifference(state.density.values, (1...length).map { sum($0, $0) }) < 1e-13)
        #expect(state.bondOrders?.count == length - 1)
        #expect(largestDifference(state.bondOrders!, (1..<length).map { sum($0, $0 + 1) }) < 1e-13)
        #expect(state.bondOrders!.allSatisfy { $0 > 0.01 })
    }

    @Test func elasticEnergyCountsTheBondsThatAreThere() throws {
        let displacement = try random(Samples.square, [4, 3], [false, true])
        let elastic = try Samples.model().classicalPart(on: displacement.supercell)
        var force = SiteField(displacement.supercell)
        let energy = try elastic.computeForcesAndPotential(at: displacement, into: &force)
        let pairs = displacement.supercell.bondPairs().reduce(0) { $0 + displacement[$1.0] * displacement[$1.1] }
        let expected = displacement.values.reduce(0) { $0 + $1 * $1 / 2 } + 0.18 * pairs
        #expect(abs(energy - expected) < 1e-12)
        #expect(displacement.supercell.bondPairs().count == 3 * 3 + 4 * 3)
    }

    /// With odd open sides there are two sublattices, and n(−Q) = 1 − n(Q) at μ = 0.
    @Test func particleHoleSymmetryWithOddSides() throws {
        let displacement = try random(Samples.square, [5, 3], [false, false])
        let mirrored = SiteField(displacement.supercell, values: displacement.values.map { -$0 })
        let solver = ElectronicForceField(try Samples.model(), ExactDiagonalization())
        let (density, opposite) = try (solver.solve(displacement).density, solver.solve(mirrored).density)
        #expect(largestDifference(density.values, opposite.values.map { 1 - $0 }) < 1e-13)
        #expect(density.values.contains { abs($0 - 0.5) > 0.1 })
    }

    /// A reflection of a rectangle with open ends moves the density along.
    @Test func reflectionsMoveTheDensityAlong() throws {
        let displacement = try random(Samples.square, [4, 3], [false, false])
        let reflected = SiteField(displacement.supercell, values: (0..<12).map { displacement[$0 / 4 * 4 + 3 - $0 % 4] })
        let solver = ElectronicForceField(try Samples.model(), ExactDiagonalization())
        let density = try solver.solve(displacement).density
        let expected = (0..<12).map { density[$0 / 4 * 4 + 3 - $0 % 4] }
        #expect(largestDifference(try solver.solve(reflected).density.values, expected) < 1e-13)
        #expect(largestDifference(density.values, expected) > 0.01)
    }
}
