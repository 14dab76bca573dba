import Electrons
import Foundation
import Testing

@Suite struct FermiDiracTests {
    private func f(_ energy: Double, _ temperature: Double) -> Double {
        FermiDirac.occupation(energy: energy, chemicalPotential: 0, temperature: temperature)
    }

    private func omega(_ energy: Double, _ temperature: Double) -> Double {
        FermiDirac.potential(energy: energy, chemicalPotential: 0, temperature: temperature)
    }

    @Test func closedForms() {
        for x in stride(from: -30.0, through: 30, by: 0.37) {
            #expect(abs(f(x, 1) - (1 - tanh(x / 2)) / 2) < 1e-15)
            #expect(abs(omega(x, 1) + log(1 + exp(-x))) < 1e-14 * max(1, abs(x)))
            #expect(abs(f(x, 0.5) + f(-x, 0.5) - 1) < 1e-15)
        }
        #expect(f(0, 0.1) == 0.5)
        // The tail keeps its relative accuracy long after 1 − f has rounded to 1.
        #expect(abs(f(300, 1) / exp(-300) - 1) < 1e-12)
        #expect(abs(omega(300, 1) / exp(-300) + 1) < 1e-12)
    }

    @Test func nothingOverflows() {
        for temperature in [0, Double.leastNonzeroMagnitude, 1e-300, 1e-30, 1e-3] {
            #expect(f(5, temperature) == 0)
            #expect(f(-5, temperature) == 1)
            #expect(f(0, temperature) == 0.5)
            #expect(omega(5, temperature) == 0)
            #expect(omega(-5, temperature) == -5)
            #expect(abs(omega(0, temperature) + temperature * log(2)) <= 1e-15 * temperature)
        }
        #expect(f(1e300, 1e300) > 0.26 && f(-1e300, 1e300) < 0.74)
        #expect(f(.greatestFiniteMagnitude, 1e-3) == 0)
    }

    /// ∂Ω/∂μ = −f.
    @Test func occupationIsTheDerivative() {
        let step = 1e-5
        for energy in stride(from: -0.5, through: 0.5, by: 0.05) {
            let slope = (omega(energy + step, 0.1) - omega(energy - step, 0.1)) / (2 * step)
            #expect(abs(slope - f(energy, 0.1)) < 1e-8)
        }
    }
}
