import Dynamics
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Testing

/// ⟨Q²⟩ of quartic oscillators, V = K Q²/2 + λ Q⁴/4, at finite time steps against the Boltzmann average by quadrature.
@Suite struct TimeStepConvergenceTests {
    static let (stiffness, quartic, mass, temperature) = (1.0, 1.0, 1.0, 0.5)

    /// ∫ Q² e^{−V/k_BT} dQ / ∫ e^{−V/k_BT} dQ; the trapezoidal rule converges exponentially for such integrands.
    static let canonical: Double = {
        var (weights, squares) = (0.0, 0.0)
        for k in -2000...2000 {
            let q = 0.003 * Double(k)
            let weight = exp(-(stiffness / 2 * q * q + quartic / 4 * q * q * q * q) / temperature)
            weights += weight
            squares += weight * q * q
        }
        return squares / weights
    }()

    /// ⟨Q²⟩/⟨Q²⟩_canonical − 1 and its standard error, over 16 384 oscillators and `time` units of time.
    static func error(
        _ kind: IntegratorKind, timeStep: Double, damping: Double, time: Double, seed: UInt64
    ) throws -> (value: Double, standard: Double) {
        let supercell = squareSupercell(128, 128)
        let forceField = AnharmonicForceField(
            supercell, blockSide: 1, stiffness: stiffness, quartic: quartic, neighborStiffness: 0)
        let integrator = try kind.make(
            timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: seed)
        var state = try HotStart(displacementVariance: canonical, velocityVariance: temperature / mass, seed: seed)
            .state(on: supercell, forceField: forceField)
        let relaxation = Int((12 / timeStep).rounded())
        for _ in 0..<relaxation { try integrator.step(&state, forceField: forceField) }
        var squares = [Double](repeating: 0, count: supercell.siteCount)
        let steps = Int((time / timeStep).rounded())
        for _ in 0..<steps {
            try integrator.step(&state, forceField: forceField)
            state.displacement.values.withUnsafeBufferPointer { q in
                squares.withUnsafeMutableBufferPointer { squares in
                    for k in q.indices { squares[k] += q[k] * q[k] }
                }
            }
        }
        // Oscillators are independent of each other, whatever the memory of each.
        let (mean, error) = Statistics.meanAndError(squares.map { $0 / Double(steps) })
        return (mean / canonical - 1, error / canonical)
    }

    /// Errors at time steps each of which is half of the one before.
    static func errors(
        _ kind: IntegratorKind, timeSteps: [Double], time: Double
    ) throws -> [(value: Double, standard: Double)] {
        try timeSteps.map { try error(kind, timeStep: $0, damping: 1, time: time, seed: 31) }
    }

    @Test func publishedSchemeIsOfSecondOrder() throws {
        let errors = try Self.errors(.langevinVelocityVerlet, timeSteps: [0.4, 0.2, 0.1], time: 600)
        #expect((0.04...0.06).contains(errors[0].value))
        #expect((3.6...4.8).contains(errors[0].value / errors[1].value))
        #expect((2.5...6.5).contains(errors[1].value / errors[2].value))
    }

    /// Also of second order, with a coefficient many times smaller that vanishes for harmonic potentials.
    @Test func baoabIsFarMoreAccurate() throws {
        let errors = try Self.errors(.baoab, timeSteps: [0.4, 0.2], time: 2000)
        #expect((-0.0045 ... -0.0015).contains(errors[0].value))
        #expect(abs(errors[0].value) > 8 * errors[0].standard)
        #expect((0.05...0.4).contains(errors[1].value / errors[0].value))
    }

    /// Euler–Maruyama, of first order, would be off by about −V″Δt/2mγ, 15 %, at the larger of these time steps.
    @Test func overdampedSchemeIsOfSecondOrder() throws {
        let errors = try Self.errors(.overdamped, timeSteps: [0.2, 0.1], time: 1000)
        #expect((-0.0045 ... -0.0015).contains(errors[0].value))
        #expect(abs(errors[0].value) > 8 * errors[0].standard)
        #expect((0.05...0.4).contains(errors[1].value / errors[0].value))
    }
}
