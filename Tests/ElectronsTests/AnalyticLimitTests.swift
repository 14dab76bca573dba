import Electrons
import Foundation
import Lattices
import Testing

@Suite struct AnalyticLimitTests {
    /// The wave numbers 2πk/L.
    private func waveNumbers(_ side: Int) -> [Double] { (0..<side).map { 2 * .pi * Double($0) / Double(side) } }

    private func eigenvalues(_ displacement: SiteField, hopping: Double = 1, coupling: Double = 1.5) throws -> [Double] {
        let model = try Samples.model(hopping: hopping, coupling: coupling)
        return try ElectronicForceField(model, ExactDiagonalization()).solve(displacement).eigenvalues!
    }

    /// g = 0: ε = −2t (cos k_x + cos k_y), whatever Q; sides 1 and 2 included.
    @Test(arguments: [[6, 4], [7, 5], [2, 6], [1, 4], [1, 1], [2, 2]])
    func freeElectronsOnTheSquare(size: [Int]) throws {
        let expected = waveNumbers(size[0]).flatMap { x in waveNumbers(size[1]).map { y in -2 * 0.7 * (cos(x) + cos(y)) } }
        let found = try eigenvalues(Samples.random(Samples.square, size), hopping: 0.7, coupling: 0)
        #expect(largestDifference(found, expected.sorted()) < 1e-13)
    }

    @Test func freeElectronsOnOtherLattices() throws {
        func expectLevels(_ expected: [Double], _ lattice: Lattice, _ size: [Int]) throws {
            let found = try eigenvalues(Samples.random(lattice, size), coupling: 0)
            #expect(found.count == expected.count)
            #expect(largestDifference(found, expected.sorted()) < 1e-12)
        }
        try expectLevels(waveNumbers(7).map { -2 * cos($0) }, Samples.chain, [7])
        let pairs = waveNumbers(5).flatMap { x in waveNumbers(4).map { y in (x, y) } }
        try expectLevels(pairs.map { -2 * (cos($0) + cos($1) + cos($1 - $0)) }, Samples.triangular, [5, 4])
        // Honeycomb: ±t |1 + e^{ik₁} + e^{ik₂}|.
        let magnitudes = pairs.map { x, y in
            ((1 + cos(x) + cos(y)) * (1 + cos(x) + cos(y)) + (sin(x) + sin(y)) * (sin(x) + sin(y))).squareRoot()
        }
        try expectLevels(magnitudes + magnitudes.map { -$0 }, Samples.honeycomb, [5, 4])
    }

    /// t = 0: every site by itself, n = f(−gQ), Ω_e = −k_BT Σ ln(1 + e^{(gQ+μ)/k_BT}).
    @Test func atomicLimit() throws {
        let displacement = try Samples.random(Samples.square, [5, 6])
        let model = try Samples.model(hopping: 0, temperature: 0.3, particles: .chemicalPotential(0.2))
        let state = try ElectronicForceField(model, ExactDiagonalization()).solve(displacement)
        let expected = displacement.values.map { 1 / (exp((-1.5 * $0 - 0.2) / 0.3) + 1) }
        #expect(largestDifference(state.density.values, expected) < 1e-14)
        let potential = displacement.values.reduce(0.0) { $0 - 0.3 * log(1 + exp((1.5 * $1 + 0.2) / 0.3)) }
        #expect(abs(state.potential! - potential) < 1e-12)
    }

    /// Uniform Q shifts the band by −gQ: the density is uniform and is that of free electrons at μ + gQ.
    @Test func uniformDisplacement() throws {
        let supercell = try Supercell(Samples.square, size: [6, 8])
        let displacement = SiteField(supercell, repeating: 0.4)
        let state = try ElectronicForceField(Samples.model(), ExactDiagonalization()).solve(displacement)
        let band = waveNumbers(6).flatMap { x in waveNumbers(8).map { y in -2 * (cos(x) + cos(y)) - 1.5 * 0.4 } }
        let density = band.reduce(0.0) { $0 + 1 / (exp($1 / 0.1) + 1) } / 48
        #expect(largestDifference(state.density.values, [Double](repeating: density, count: 48)) < 1e-13)
        #expect(largestDifference(state.eigenvalues!, band.sorted()) < 1e-13)
    }

    /// Perfect CDW: ε = ±√(ε_k² + g²Q²), gap 2g|Q| where ε_k = 0 is among the wave vectors.
    @Test(arguments: [1.3, -0.6])
    func checkerboard(amplitude: Double) throws {
        let displacement = try Samples.chargeDensityWave(Samples.square, [8, 4], amplitude: amplitude)
        let state = try ElectronicForceField(Samples.model(), ExactDiagonalization()).solve(displacement)
        let expected = waveNumbers(8).flatMap { x in
            waveNumbers(4).map { y in
                let band = -2 * (cos(x) + cos(y))
                let branch = (band * band + 1.5 * 1.5 * amplitude * amplitude).squareRoot()
                // Wave vectors k and k + (π, π) share the two branches.
                return band < 0 || (abs(band) < 1e-9 && x < .pi) ? -branch : branch
            }
        }
        #expect(abs(state.gap! - 2 * 1.5 * abs(amplitude)) < 1e-12)
        #expect(largestDifference(state.eigenvalues!.map(abs).sorted(), expected.map(abs).sorted()) < 1e-12)
        #expect(abs(state.eigenvalues!.reduce(0, +)) < 1e-11)
        #expect(abs(state.electrons - 16) < 1e-12)
    }
}
