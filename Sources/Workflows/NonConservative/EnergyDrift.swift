import Dynamics
import ForceFields
import Lattices
import Observables

/// Dynamics without a heat bath, and what becomes of the energy.
package struct EnergyDrift {
    /// Whose Ω counts as potential energy.
    package let potential: any ConservativeForceField
    /// Δt.
    package let timeStep: Double
    /// m of a site variable.
    package let mass: Double
    /// What counts as divergence.
    package let bounds: PhaseSpaceBounds

    package init(
        potential: any ConservativeForceField, timeStep: Double, mass: Double, bounds: PhaseSpaceBounds = PhaseSpaceBounds()
    ) {
        (self.potential, self.timeStep, self.mass, self.bounds) = (potential, timeStep, mass, bounds)
    }

    /// `steps` of velocity Verlet.
    ///
    /// - Parameters:
    ///   - forceField: what drives it; nil for ``potential`` itself, whose Ω then comes with the forces.
    ///   - samples: about how many energies are taken beside that of the start.
    ///   - shouldStop: asked before every step.
    /// - Throws: `WorkflowInterrupted` if stopped; `DynamicsError` and what the force fields throw.
    package func run(
        _ forceField: (any ForceField)?, displacement: SiteField, velocity: SiteField, steps: Int, samples: Int,
        shouldStop: () -> Bool = { false }
    ) throws -> Comparison.NonConservative.Energy.Run {
        let driving = forceField ?? potential
        var state = try PhaseSpaceState(
            displacement: displacement, velocity: velocity, forceField: driving, tracksPotential: forceField == nil)
        var (times, energies): ([Double], [Double]) = ([], [])
        func sample(_ state: PhaseSpaceState) throws {
            var scratch = state.force
            let potential =
                try state.potential ?? potential.computeForcesAndPotential(at: state.displacement, into: &scratch)
            times.append(Double(state.step) * timeStep)
            energies.append(KineticEnergy.totalPerSite(velocity: state.velocity, mass: mass, potential: potential))
        }
        try sample(state)
        let observer = try Simulation.Observer(every: max(1, steps / samples)) { try sample($0) }
        let simulation = Simulation(
            integrator: try VelocityVerlet(timeStep: timeStep, mass: mass), forceField: driving, bounds: bounds)
        let outcome = try simulation.run(&state, to: steps, observers: [observer], shouldStop: shouldStop)
        if outcome == .stopped { throw WorkflowInterrupted() }
        let (drift, driftError) = Self.slope(times, energies)
        return .init(times: times, energies: energies, drift: drift, driftError: driftError)
    }

    /// The slope of a line by least squares and its standard error by leaving out one block of neighbours at a time: energies of
    /// successive times are no independent samples, so that the scatter about the line is no error.
    ///
    /// NaN with fewer than two points, and of the error with fewer than three blocks of four.
    package static func slope(_ x: [Double], _ y: [Double]) -> (slope: Double, error: Double) {
        func slope(of kept: [Int]) -> Double {
            let count = Double(kept.count)
            let centerX = kept.reduce(0) { $0 + x[$1] } / count
            let centerY = kept.reduce(0) { $0 + y[$1] } / count
            let squares = kept.reduce(0) { $0 + (x[$1] - centerX) * (x[$1] - centerX) }
            return squares > 0 ? kept.reduce(0) { $0 + (x[$1] - centerX) * (y[$1] - centerY) } / squares : .nan
        }
        let all = Array(x.indices)
        let blocks = min(10, x.count / 4)
        guard blocks >= 3 else { return (slope(of: all), .nan) }
        let partial = (0..<blocks).map { block in slope(of: all.filter { $0 * blocks / x.count != block }) }
        return (slope(of: all), Double(blocks - 1) * Estimate(independent: partial).standardError)
    }
}
