import Dynamics
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Testing

/// The normal modes of a harmonic lattice against the stationary moments of the discrete schemes themselves. Time steps are
/// large on purpose: the schemes differ visibly from each other and from the continuum.
@Suite struct StationaryDistributionTests {
    static let thermostatted: [IntegratorKind] = [.baoab, .langevinVelocityVerlet, .overdamped]

    @Test(arguments: thermostatted)
    func closedFormsSolveTheLyapunovEquation(kind: IntegratorKind) {
        for (stiffness, damping, timeStep) in [(1.3, 0.6, 1.1), (0.4, 2.0, 0.05), (2.1, 1.7, 1.5), (3.0, 0.2, 0.08)] {
            let mode = HarmonicMode(stiffness: stiffness, mass: 1.7, damping: damping, temperature: 0.4, timeStep: timeStep)
            let (closed, solved) = (mode.closedForm(kind), mode.lyapunov(kind))
            #expect(abs(closed.displacement / solved.displacement - 1) < 1e-11)
            #expect(abs(closed.mixed - solved.mixed) < 1e-12)
            #expect(abs(closed.velocity - solved.velocity) < 1e-11 * mode.canonical.velocity)
        }
    }

    /// On a square lattice with coupled neighbours the mode of wave vector q has the stiffness K + 2κ (cos q_x + cos q_y).
    @Test(arguments: zip(thermostatted, [1.1, 1.1, 0.7]))
    func everyModeOfALatticeHasItsClosedForm(kind: IntegratorKind, timeStep: Double) throws {
        let (side, stiffness, neighborStiffness) = (12, 1.3, 0.2)
        let supercell = squareSupercell(side, side)
        let forceField = ElasticForceField(supercell, stiffness: stiffness, neighborStiffness: neighborStiffness)
        let spectra = ModeSpectra(side: side) { stiffness + 2 * neighborStiffness * ($0 + $1) }
        let (mass, damping, temperature) = (1.7, 0.6, 0.4)
        let integrator = try kind.make(
            timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: 20_260_104)
        var state = try PhaseSpaceState.rest(supercell, forceField: forceField)
        for _ in 0..<100 { try integrator.step(&state, forceField: forceField) }

        // Means over 64 stretches of time, far longer than the memory of any mode.
        let blocks = try (0..<64).map { _ in
            try spectra.mean(over: 800) {
                try integrator.step(&state, forceField: forceField)
                return (state.displacement.values, state.velocity.values)
            }
        }
        var scores: [Double] = []
        var difference = 0.0
        for (star, stiffness) in spectra.stiffnesses.enumerated() {
            let mode = HarmonicMode(
                stiffness: stiffness, mass: mass, damping: damping, temperature: temperature, timeStep: timeStep)
            let expected = mode.closedForm(kind).values
            for moment in 0..<3 {
                let samples = blocks.map { $0[star].values[moment] }
                let (mean, error) = Statistics.meanAndError(samples)
                guard error > 0 else {
                    #expect(kind == .overdamped && moment > 0 && mean == 0, "nothing moves but displacements")
                    continue
                }
                scores.append((mean - expected[moment]) / error)
                difference = max(difference, abs(mean - mode.canonical.values[moment]) / error)
            }
        }
        #expect(scores.map(abs).max()! < 4.5, "standard errors")
        #expect((0.6...1.5).contains(scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count)))
        // The test can tell the schemes with inertia from the canonical distribution.
        if kind != .overdamped { #expect(difference > 50) }
    }

    @Test func dampingWithoutTemperatureBringsRest() throws {
        let supercell = squareSupercell(8, 8)
        for kind in Self.thermostatted {
            let integrator = try kind.make(timeStep: 0.2, mass: 1, damping: 1, temperature: 0, seed: 1)
            var state = try HotStart(displacementVariance: 1, velocityVariance: 1, seed: 2)
                .state(on: supercell, forceField: HarmonicForce())
            #expect(state.displacement.values.map(abs).max()! > 1)
            for _ in 0..<400 { try integrator.step(&state, forceField: HarmonicForce()) }
            #expect(state.displacement.values.map(abs).max()! < 1e-12)
        }
    }
}
