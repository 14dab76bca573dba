import Dynamics
import ForceFields
import Foundation
import Lattices
import Testing

/// Langevin particles without a force: the velocity forgets exactly as in the continuum at any time step, and the mean square
/// displacement has a closed form for each scheme.
@Suite struct FreeParticleTests {
    static let (mass, damping, temperature, timeStep) = (1.7, 0.6, 0.4, 0.9)

    /// ⟨v(0)v(t)⟩ and ⟨(Q(t) − Q(0))²⟩ after 1, 2, … steps, averaged over 262 144 particles.
    static func correlations(_ kind: IntegratorKind, steps: Int) throws -> (velocity: [Double], displacement: [Double]) {
        let supercell = squareSupercell(512, 512)
        let forceField = HarmonicForce(stiffness: 0)
        let integrator = try kind.make(
            timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: 5)
        var state = try HotStart(displacementVariance: 0, velocityVariance: temperature / mass, seed: 9)
            .state(on: supercell, forceField: forceField)
        let start = state.velocity.values
        var (velocity, displacement): ([Double], [Double]) = ([], [])
        for _ in 0..<steps {
            try integrator.step(&state, forceField: forceField)
            velocity.append(Statistics.meanProduct(start, state.velocity.values))
            displacement.append(Statistics.meanSquare(state.displacement.values))
        }
        return (velocity, displacement)
    }

    @Test(arguments: [IntegratorKind.baoab, .langevinVelocityVerlet])
    func velocityForgetsExponentially(kind: IntegratorKind) throws {
        let measured = try Self.correlations(kind, steps: 12)
        let variance = Self.temperature / Self.mass
        for (index, value) in measured.velocity.enumerated() {
            let expected = exp(-Self.damping * Self.timeStep * Double(index + 1))
            // ⟨(x y)²⟩ − ⟨x y⟩² = 1 + c² for normal numbers of correlation c.
            let error = ((1 + expected * expected) / 262_144).squareRoot()
            #expect(abs(value / variance - expected) < 4 * error)
        }
        #expect(measured.velocity[0] / variance < 0.62, "a time step that shows")
    }

    /// With c = e^{−γΔt} and x = γΔt/2, in units of Δt² k_BT/m after n steps: n coth x − (1 − cⁿ) coth² x / 2 for BAOAB, and
    /// n coth x − (1 − cⁿ)/(2 sinh² x) for the published scheme.
    @Test(arguments: [IntegratorKind.baoab, .langevinVelocityVerlet])
    func displacementSpreads(kind: IntegratorKind) throws {
        let measured = try Self.correlations(kind, steps: 40).displacement
        let half = Self.damping * Self.timeStep / 2
        let unit = Self.timeStep * Self.timeStep * Self.temperature / Self.mass
        for (index, value) in measured.enumerated() {
            let steps = Double(index + 1)
            let memory = -expm1(-2 * half * steps) / 2
            let ballistic = kind == .baoab ? memory / (tanh(half) * tanh(half)) : memory / (sinh(half) * sinh(half))
            let expected = unit * (steps / tanh(half) - ballistic)
            #expect(abs(value / expected - 1) < 4 * (2.0 / 262_144).squareRoot())
        }
        let time = 40 * Self.timeStep
        let continuum =
            2 * Self.temperature / (Self.mass * Self.damping * Self.damping)
            * (Self.damping * time + expm1(-Self.damping * time))
        #expect((1.015...1.04).contains(measured[39] / continuum), "diffusion is faster by x coth x, 2.4 %")
    }

    /// 2D(t − Δt/2) with D = k_BT/mγ: the first half of the noise of step 0 belongs to a step that was not made.
    @Test func overdampedDisplacementSpreads() throws {
        let measured = try Self.correlations(.overdamped, steps: 20).displacement
        let diffusion = Self.temperature / (Self.mass * Self.damping)
        for (index, value) in measured.enumerated() {
            let expected = 2 * diffusion * Self.timeStep * (Double(index) + 0.5)
            #expect(abs(value / expected - 1) < 4 * (2.0 / 262_144).squareRoot())
        }
    }
}
