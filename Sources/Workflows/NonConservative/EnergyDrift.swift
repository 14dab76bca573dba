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

    /// The slope of a line by least squares and its standard error from the scatter; NaN with fewer than two, or three, points.
    static func slope(_ x: [Double], _ y: [Double]) -> (slope: Double, error: Double) {
        let count = Double(x.count)
        let (centerX, centerY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        let squares = x.reduce(0) { $0 + ($1 - centerX) * ($1 - centerX) }
        guard squares > 0 else { return (.nan, .nan) }
        let slope = zip(x, y).reduce(0) { $0 + ($1.0 - centerX) * ($1.1 - centerY) } / squares
        guard x.count > 2 else { return (slope, .nan) }
        let scatter = zip(x, y).reduce(0) { sum, point in
            let residual = point.1 - centerY - slope * (point.0 - centerX)
            return sum + residual * residual
        }
        return (slope, (scatter / (count - 2) / squares).squareRoot())
    }
}
