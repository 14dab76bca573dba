import Dynamics
import ForceFields
import LatticeNumerics
import Lattices
import Observables

extension Benchmark {
    /// What a step costs beside the force, on 1000² sites: every integrator without a force, the noise alone, and the
    /// observables of one state with their Fourier transforms.
    static let integration = Benchmark(
        name: "integration", summary: "a step without a force, and observables, on 1000² sites"
    ) { session in
        let recipe = session.recipes[0].recipe
        let supercell = try Supercell(session.lattice, size: [1000, 1000])
        let work = Work(sites: supercell.siteCount)
        let variable = recipe.model.variable.kind
        let start = try session.recipes[0].hotStart().state(on: supercell, kind: variable, forceField: NoForce())
        for kind in IntegratorKind.allCases {
            for threads in session.threadCounts {
                let integrator = try kind.make(
                    timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
                    temperature: recipe.model.temperature, seed: recipe.seed, pool: WorkerPool(threads: threads))
                var state = start
                try session.time(kind.rawValue, threads: threads, work: work) {
                    try integrator.step(&state, forceField: NoForce())
                }
            }
        }
        var noise = [Double](repeating: 0, count: supercell.siteCount)
        let stream = RandomStream(seed: recipe.seed, purpose: .thermalNoise)
        session.time("noise", threads: 1, work: work) {
            noise.withUnsafeMutableBufferPointer { stream.fillNormal($0, step: 0) }
        }
        let observables = ObservableSet(supercell, kind: variable, mass: recipe.dynamics.mass)
        let density = SiteField(supercell, values: start.displacement.component(0))
        session.time("observables", threads: 1, work: work) {
            _ = observables.sample(displacement: start.displacement, velocity: start.velocity, density: density)
        }
    }
}

/// Leaves the forces as they are: zero from the start.
private struct NoForce: ForceField {
    func computeForces(at displacement: SiteField, into forces: inout SiteField) {}
}
