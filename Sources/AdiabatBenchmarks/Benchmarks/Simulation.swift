import Dynamics
import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Observables
import Pipeline
import Reports
import Runs

extension Benchmark {
    /// Whole steps of a recipe's dynamics with the learned force of the last model, from 256² to 4096² sites, and what of that is
    /// not the force: noise, integration, the watch on divergence, and the observables of every tenth step. Memory is the most that
    /// state, force, observables and the copy of the last good state take together.
    static let simulation = Benchmark(
        name: "simulation", summary: "steps with a learned force from 256² to 4096² sites, their parts and their memory"
    ) { session in
        guard let candidate = session.models.last else { return }
        let recipe = candidate.recipe.recipe
        for side in [256, 512, 1000, 1024, 2048, 4096] {
            let supercell = try Supercell(session.lattice, size: [side, side])
            let steps = 10
            let work = Work(sites: supercell.siteCount * steps)
            for threads in session.threadCounts where threads == session.threads || side == 1024 {
                let before = ProcessMemory.resident
                ProcessMemory.resetPeak()
                let pool = WorkerPool(threads: threads)
                let learned = try candidate.model.forceField(
                    parameters: candidate.parameters, conditions: recipe.model, supercell: supercell, singlePrecision: true,
                    pool: pool)
                let forceField = AdiabaticForceField(learned: learned, model: recipe.model, on: supercell, pool: pool)
                var state = try candidate.recipe.hotStart().state(on: supercell, forceField: forceField.total)
                let integrator = try recipe.dynamics.integrator.make(
                    timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
                    temperature: recipe.model.temperature, seed: recipe.seed, pool: pool)
                let observables = ObservableSet(supercell, mass: recipe.dynamics.mass, pool: pool)
                let simulation = Simulation(integrator: integrator, forceField: forceField.total)
                let observer = try Simulation.Observer(every: 10) { state in
                    _ = observables.sample(
                        displacement: state.displacement, velocity: state.velocity,
                        density: forceField.density(displacement: state.displacement, force: state.force))
                }
                _ = try simulation.run(&state, to: 2 * steps)
                let stepTime = try session.time("\(side)², \(steps) steps", threads: threads, work: work) {
                    _ = try simulation.run(&state, to: state.step + steps, observers: [observer])
                }
                let still = Simulation(integrator: integrator, forceField: StillForce())
                let restTime = try session.time(
                    "\(side)², \(steps) steps but for the force", threads: threads, work: work
                ) {
                    _ = try still.run(&state, to: state.step + steps, observers: [observer])
                }
                session.state(
                    "\(side)², \(threads) threads: share of a step beside the force", 100 * restTime.best / stepTime.best,
                    unit: "%")
                session.state(
                    "\(side)², \(threads) threads: memory a site", (ProcessMemory.peak - before) / Double(supercell.siteCount),
                    unit: "bytes")
            }
        }
    }
}

/// Leaves the forces as they are.
private struct StillForce: ForceField {
    func computeForces(at displacement: SiteField, into forces: inout SiteField) {}
}
