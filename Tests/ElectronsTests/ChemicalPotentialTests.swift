import Electrons
import Foundation
import LatticeNumerics
import Testing

@Suite struct ChemicalPotentialTests {
    private func spectrum(_ count: Int, seed: UInt64) -> [Double] {
        RandomStream(seed: seed, purpose: .testing).normals(count: count, step: 0).map { 3 * $0 }.sorted()
    }

    private func electrons(_ levels: [Double], _ chemicalPotential: Double, _ temperature: Double) -> Double {
        levels.reduce(0) {
            $0 + FermiDirac.occupation(energy: $1, chemicalPotential: chemicalPotential, temperature: temperature)
        }
    }

    @Test(arguments: [1e-3, 0.01, 0.1, 1, 30])
    func fillsRandomSpectra(temperature: Double) throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            for filling in [1e-9, 0.01, 0.3, 0.5, 0.77, 0.99, 1 - 1e-9] {
                let levels = spectrum(101, seed: seed)
                let count = filling * 101
                let root = try FermiDirac.chemicalPotential(eigenvalues: levels, electrons: count, temperature: temperature)
                // Rounding of μ and of the levels changes N by up to dN/dμ ≤ N/4k_BT times 10⁻¹⁶ of the band width.
                #expect(abs(electrons(levels, root, temperature) - count) < 1e-13 * 101 * max(1, 1 / temperature))
            }
        }
    }

    @Test func numberOfElectronsIsMonotone() {
        let levels = spectrum(40, seed: 6)
        for temperature in [0, 1e-3, 0.1, 2] {
            let counts = stride(from: -15.0, through: 15, by: 0.01).map { electrons(levels, $0, temperature) }
            #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 <= $1 + 1e-13 })
            if temperature < 1 { #expect(counts.first! < 1e-12 && counts.last! > 40 - 1e-12) }
        }
    }

    /// In a wide gap N(μ) is flat to rounding; the balance of electrons and holes still tells μ.
    @Test func gapsAreResolved() throws {
        func root(_ levels: [Double], _ electrons: Double, _ temperature: Double) throws -> Double {
            try FermiDirac.chemicalPotential(eigenvalues: levels, electrons: electrons, temperature: temperature)
        }
        // Two levels below, one above: 2 e^{(ε₋−μ)/k_BT} = e^{(μ−ε₊)/k_BT}, k_BT ≪ gap.
        for temperature in [0.003, 0.01, 0.02] {
            #expect(abs(try root([-1, -1, 1, 9], 2, temperature) - temperature * log(2) / 2) < 1e-14)
        }
        for temperature in [0, 1e-300, 1e-5, 1e-4] {
            #expect(try root([-1, -1, 1.5, 9], 2, temperature) == 0.25)
        }
        // Rounding of filling·N does not move μ out of the gap.
        #expect(try root([-1, -1, 1.5, 9], 2 + 1e-15, 0) == 0.25)
    }

    @Test func zeroTemperatureIsTheLimit() throws {
        let levels = spectrum(30, seed: 7)
        for count in [0.4, 3, 7.25, 15, 29.9] {
            let cold = try FermiDirac.chemicalPotential(eigenvalues: levels, electrons: count, temperature: 1e-9)
            let zero = try FermiDirac.chemicalPotential(eigenvalues: levels, electrons: count, temperature: 0)
            #expect(abs(cold - zero) < 1e-7)
        }
    }

    @Test func emptyAndFullBandsAreErrors() {
        for count in [-1.0, 0, 1e-12, 3, 3.5, .nan, .infinity] {
            #expect(throws: ElectronicStructureError.self) {
                try FermiDirac.chemicalPotential(eigenvalues: [0, 1, 2], electrons: count, temperature: 0.1)
            }
        }
    }
}
