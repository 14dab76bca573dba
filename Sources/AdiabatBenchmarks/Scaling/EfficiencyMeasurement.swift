import Communication
import Dynamics
import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Observables
import Reports
import Runs

/// Whole steps, observables of every tenth among them, on one rank and on all of them: the same lattice (strong scaling), and one
/// that is as many times longer as there are ranks (weak scaling).
struct EfficiencyMeasurement {
    let communicator: any Communicator
    let model: BenchmarkModel
    /// Of the lattice that one rank has.
    let side: Int
    let threads: Int

    /// Seconds of a step.
    struct Round {
        let alone: Double
        let strong: Double
        let weak: Double
    }

    /// One after the other, so that all see the same machine.
    ///
    /// - Throws: what the model's forces throw; `CommunicationError` if the blocks are shorter than the halo.
    func run() throws -> Round {
        var alone = 0.0
        if communicator.rank == 0 { alone = try stepSeconds([side, side], SingleProcess()) }
        communicator.barrier()
        return Round(
            alone: alone, strong: try stepSeconds([side, side], communicator),
            weak: try stepSeconds([side, side * communicator.size], communicator))
    }

    /// A line of the table under ``header``.
    func text(_ round: Round) -> String {
        String(
            format: "| %.1f | %.1f | %.1f | %.1f | %.1f |", round.alone * 1e3, round.strong * 1e3,
            100 * round.alone / (Double(communicator.size) * round.strong), round.weak * 1e3, 100 * round.alone / round.weak)
    }

    /// Of the table of rounds.
    var header: String {
        "| one rank, \(side)², ms | \(communicator.size) ranks, \(side)², ms | strong, % | "
            + "\(communicator.size) ranks, \(communicator.size) × \(side)², ms | weak, % |\n|---|---|---|---|---|"
    }

    private func stepSeconds(_ size: [Int], _ communicator: any Communicator) throws -> Double {
        let recipe = model.recipe.recipe
        let pool = WorkerPool(threads: threads)
        let whole = try Supercell(recipe.lattice.geometry, size: size)
        func forceField(on supercell: Supercell) throws -> AdiabaticForceField {
            let learned = try model.model.forceField(
                parameters: model.parameters, conditions: recipe.model, supercell: supercell, singlePrecision: true, pool: pool)
            return AdiabaticForceField(learned: learned, model: recipe.model, on: supercell, pool: pool)
        }
        guard let sample = try forceField(on: whole).local else {
            throw CommunicationError(
                key: "model", problem: "\(model.name); a force that depends on its surroundings alone is needed")
        }
        let halo = (sample.receptiveField + sample.alignment - 1) / sample.alignment * sample.alignment
        let grid = try DomainGrid(whole, rankCount: communicator.size, halo: halo, alignment: sample.alignment)
        let domain = grid.domain(of: communicator.rank)
        let own = try forceField(on: domain.local)
        let total: any ForceField =
            communicator.size == 1 ? own.total : DomainForceField(own.local!, grid: grid, communicator: communicator)
        let observables = ObservableSet(
            RowSlabs(grid, communicator: communicator), mass: recipe.dynamics.mass, pool: pool)
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: recipe.model.temperature, seed: recipe.seed, pool: pool)
        var state = try model.recipe.hotStart().state(on: domain, forceField: total)
        let observer = try Simulation.Observer(every: 10) { state in
            _ = observables.sample(
                displacement: state.displacement, velocity: state.velocity,
                density: own.density(displacement: state.displacement, force: state.force))
        }
        let simulation = Simulation(integrator: integrator, forceField: total, communicator: communicator)
        _ = try simulation.run(&state, to: 10, observers: [observer])
        communicator.barrier()
        let begun = ContinuousClock.now
        _ = try simulation.run(&state, to: 10 + Self.steps, observers: [observer])
        communicator.barrier()
        return (ContinuousClock.now - begun) / .seconds(1) / Double(Self.steps)
    }

    private static let steps = 40
}
