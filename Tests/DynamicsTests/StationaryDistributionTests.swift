import Dynamics
import ForceFields
import Foundation
import Lattices
import Testing

/// Independent harmonic oscillators, one a site, against the stationary covariance of the discrete schemes themselves. Time
/// steps are large on purpose: the schemes differ visibly from each other and from the continuum.
@Suite struct StationaryDistributionTests {
    let stiffness = 1.3
    let mass = 1.7
    let damping = 0.6
    let temperature = 0.4
    let timeStep = 1.1

    /// ⟨Q²⟩, ⟨v²⟩ and ⟨Qv⟩ over 4096 sites and 1500 steps after 150 steps of relaxation.
    func measured(_ kind: IntegratorKind) throws -> (displacement: Double, velocity: Double, mixed: Double) {
        let supercell = squareSupercell(64, 64)
        let forceField = ElasticForceField(supercell, stiffness: stiffness, neighborStiffness: 0)
        let integrator = try kind.make(
            timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: 20_260_104)
        var state = try PhaseSpaceState.rest(supercell, forceField: forceField)
        var sums = (0.0, 0.0, 0.0)
        var samples = 0
        while state.step < 1650 {
            try integrator.step(&state, forceField: forceField)
            guard state.step > 150 else { continue }
            for (q, v) in zip(state.displacement.values, state.velocity.values) {
                sums.0 += q * q
                sums.1 += v * v
                sums.2 += q * v
            }
            samples += supercell.siteCount
        }
        return (sums.0 / Double(samples), sums.1 / Double(samples), sums.2 / Double(samples))
    }

    /// The velocity Verlet map of (Q, v).
    var verlet: PhaseSpaceMatrix {
        let kick = PhaseSpaceMatrix(rows: [[1, 0], [-timeStep * stiffness / (2 * mass), 1]])
        return kick * PhaseSpaceMatrix(rows: [[1, timeStep], [0, 1]]) * kick
    }

    @Test func baoabSamplesDisplacementsExactly() throws {
        let (displacement, velocity, mixed) = try measured(.baoab)
        let canonical = temperature / stiffness
        #expect(abs(displacement / canonical - 1) < 0.005)
        let reduction = 1 - stiffness * timeStep * timeStep / (4 * mass)
        #expect(reduction < 0.8)
        #expect(abs(velocity / (temperature / mass * reduction) - 1) < 0.005)
        #expect(abs(mixed) < 0.005 * (displacement * velocity).squareRoot())
    }

    @Test func publishedSchemeHasItsOwnStationaryState() throws {
        let decay = exp(-damping * timeStep)
        let noise = (1 - decay * decay) * temperature / mass
        let covariance = PhaseSpaceMatrix.stationaryCovariance(
            map: PhaseSpaceMatrix(rows: [[1, 0], [0, decay]]) * verlet, noise: PhaseSpaceMatrix(rows: [[0, 0], [0, noise]])
        ).rows
        let (displacement, velocity, mixed) = try measured(.langevinVelocityVerlet)
        #expect(abs(displacement / covariance[0][0] - 1) < 0.005)
        #expect(abs(velocity / covariance[1][1] - 1) < 0.005)
        #expect(abs(mixed - covariance[0][1]) < 0.005 * (displacement * velocity).squareRoot())
        // The test can tell the scheme from the canonical distribution.
        #expect(abs(covariance[0][0] / (temperature / stiffness) - 1) > 0.05)
    }

    @Test func overdampedSchemeSamplesDisplacementsExactly() throws {
        #expect(stiffness * timeStep / (mass * damping) > 1, "a step so large that Euler–Maruyama would be off by a factor")
        let (displacement, velocity, _) = try measured(.overdamped)
        #expect(abs(displacement / (temperature / stiffness) - 1) < 0.005)
        #expect(velocity == 0)
    }

    @Test(arguments: [IntegratorKind.baoab, .langevinVelocityVerlet])
    func freeVelocityForgetsExponentially(kind: IntegratorKind) throws {
        let supercell = squareSupercell(256, 256)
        let forceField = ElasticForceField(supercell, stiffness: 0, neighborStiffness: 0)
        let integrator = try kind.make(timeStep: 0.3, mass: mass, damping: damping, temperature: temperature, seed: 5)
        var state = try HotStart(displacementVariance: 0, velocityVariance: temperature / mass, seed: 9)
            .state(on: supercell, forceField: forceField)
        let start = state.velocity.values
        for lag in 1...8 {
            try integrator.step(&state, forceField: forceField)
            let correlation = zip(start, state.velocity.values).reduce(0) { $0 + $1.0 * $1.1 } / Double(start.count)
            #expect(abs(correlation / (temperature / mass) - exp(-damping * 0.3 * Double(lag))) < 0.015)
            let variance = state.velocity.values.reduce(0) { $0 + $1 * $1 } / Double(start.count)
            #expect(abs(variance / (temperature / mass) - 1) < 0.02)
        }
    }

    @Test func dampingWithoutTemperatureBringsRest() throws {
        let supercell = squareSupercell(8, 8)
        for kind in [IntegratorKind.baoab, .langevinVelocityVerlet, .overdamped] {
            let integrator = try kind.make(timeStep: 0.2, mass: 1, damping: 1, temperature: 0, seed: 1)
            var state = try HotStart(displacementVariance: 1, velocityVariance: 1, seed: 2)
                .state(on: supercell, forceField: HarmonicForce())
            #expect(state.displacement.values.map(abs).max()! > 1)
            for _ in 0..<400 { try integrator.step(&state, forceField: HarmonicForce()) }
            #expect(state.displacement.values.map(abs).max()! < 1e-12)
        }
    }
}
