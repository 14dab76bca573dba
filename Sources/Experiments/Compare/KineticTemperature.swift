import Dynamics
import ForceFields
import Lattices
import Observables
import Runs

/// Langevin dynamics at k_BT under a force that need not be conservative, and the kinetic temperature it comes to.
///
/// In the stationary state friction takes what the bath and the force put in, γ(m⟨Q̇²⟩ − k_BT) N = ⟨F·Q̇⟩, and a force with a
/// potential puts in nothing, whichever potential. So ⟨(F − F_exact)·Q̇⟩/γN is the shift of m⟨Q̇²⟩, and its noise is small as the
/// error of the force is; a direct average has the noise of the temperature itself. A state that still relaxes releases heat
/// too, −ΔE/γNt on average over a time t in which the energy E of sites and electrons changes by ΔE.
///
/// For F = −kQ and a rotation of strength a between pairs of sites, m⟨Q̇²⟩ = k_BT/(1 − a²/(mkγ²)).
package struct KineticTemperature {
    /// Δt.
    package let timeStep: Double
    /// m of a site variable.
    package let mass: Double
    /// γ, above 0.
    package let damping: Double
    /// k_BT.
    package let temperature: Double
    /// Of the thermal noise.
    package let seed: UInt64
    /// What counts as divergence.
    package let bounds: PhaseSpaceBounds

    package init(
        timeStep: Double, mass: Double, damping: Double, temperature: Double, seed: UInt64,
        bounds: PhaseSpaceBounds = PhaseSpaceBounds()
    ) {
        (self.timeStep, self.mass, self.damping, self.temperature) = (timeStep, mass, damping, temperature)
        (self.seed, self.bounds) = (seed, bounds)
    }

    /// Runs a fifth of `steps` to relax, then `steps` to average.
    ///
    /// - Parameters:
    ///   - forceField: what drives it.
    ///   - exact: a conservative force that differs little.
    ///   - curvature: −Tr J/N, for the average that the time step alone gives.
    ///   - samples: about how many forces of `exact` are computed.
    ///   - shouldStop: asked before every step.
    /// - Throws: `WorkflowInterrupted` if stopped; `DynamicsError` and what the force fields throw.
    package func run(
        _ forceField: any ForceField, exact: any ForceField, displacement: SiteField, velocity: SiteField, curvature: Double,
        steps: Int, samples: Int, shouldStop: () -> Bool = { false }
    ) throws -> Comparison.NonConservative.Temperature {
        let integrator = try BAOAB(
            timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: seed)
        let simulation = Simulation(integrator: integrator, forceField: forceField, bounds: bounds)
        var state = try PhaseSpaceState(displacement: displacement, velocity: velocity, forceField: forceField, seed: seed)
        func advance(to step: Int, _ observers: [Simulation.Observer] = []) throws {
            let outcome = try simulation.run(&state, to: step, observers: observers, shouldStop: shouldStop)
            if outcome == .stopped { throw WorkflowInterrupted() }
        }
        let relaxation = steps / 5
        try advance(to: relaxation)
        let before = try energy(of: state, exact)

        var (temperatures, powers): ([Double], [Double]) = ([], [])
        let observers = [
            try Simulation.Observer(every: 1) {
                temperatures.append(KineticEnergy.temperature(velocity: $0.velocity, mass: mass))
            },
            try Simulation.Observer(every: max(1, steps / samples)) { state in
                let force = try exact.forces(at: state.displacement)
                let work = state.velocity.values.indices.reduce(0) {
                    $0 + (state.force.values[$1] - force.values[$1]) * state.velocity.values[$1]
                }
                powers.append(work / Double(force.values.count))
            },
        ]
        try advance(to: relaxation + steps, observers)
        let duration = Double(steps) * timeStep
        let released = (before - (try energy(of: state, exact))) / (damping * duration)
        let measured = Estimate.blocking(temperatures)
        let power = powers.isEmpty ? Estimate(mean: .nan, standardError: .nan) : Estimate.blocking(powers)
        return .init(
            expected: temperature * (1 - curvature * timeStep * timeStep / (4 * mass)), measured: measured.mean,
            measuredError: measured.standardError, released: released, injected: power.mean / damping,
            injectedError: power.standardError / damping)
    }

    /// A site, kinetic and of the exact potential; NaN if there is none.
    private func energy(of state: PhaseSpaceState, _ exact: any ForceField) throws -> Double {
        guard let conservative = exact as? any ConservativeForceField else { return .nan }
        var scratch = state.force
        let potential = try conservative.computeForcesAndPotential(at: state.displacement, into: &scratch)
        return KineticEnergy.totalPerSite(velocity: state.velocity, mass: mass, potential: potential)
    }
}
