import Communication
import Dynamics
import ForceFields
import LatticeNumerics
import Lattices
import Pipeline
import Reports
import Runs

/// The constants of the ``ScalingModel``, measured by all ranks at the same time, as in a run.
struct ScalingMeasurement {
    let communicator: any Communicator
    let model: BenchmarkModel
    /// n of the blocks that are timed.
    let side: Int
    let threads: Int

    private static let repetitions = 7

    /// - Throws: what the model's forces throw; `CommunicationError` if the blocks are shorter than the halo.
    func run() throws -> ScalingModel {
        let sites = Double(side * side)
        let block = try model.recipe.configuration(side: side)
        let own = try force(on: block.supercell)
        var forces = block
        let forceSeconds = try best { try own.computeForces(at: block, into: &forces) } / sites

        let recipe = model.recipe.recipe
        var state = try model.recipe.hotStart().state(on: block.supercell, forceField: NoForce())
        let integrator = try recipe.dynamics.integrator.make(
            timeStep: recipe.dynamics.timeStep, mass: recipe.dynamics.mass, damping: recipe.dynamics.damping,
            temperature: recipe.model.temperature, seed: recipe.seed, pool: WorkerPool(threads: threads))
        let otherSeconds = try best { try integrator.step(&state, forceField: NoForce()) } / sites

        let latency = exchangeSeconds(count: 1)
        let long = 1 << 18
        let numberSeconds = max(0, exchangeSeconds(count: long) - latency) / Double(long)

        let halo = (own.receptiveField + own.alignment - 1) / own.alignment * own.alignment
        return ScalingModel(
            forceSeconds: forceSeconds, otherSeconds: otherSeconds,
            frameSeconds: try frameSeconds(halo: halo, alignment: own.alignment), latency: latency,
            numberSeconds: numberSeconds, halo: halo)
    }

    /// What a force takes longer on blocks one above the other than on blocks for themselves, messages included, for a site of the
    /// two edges; on blocks so small that the edges count.
    private func frameSeconds(halo: Int, alignment: Int) throws -> Double {
        let side = 64
        let block = try model.recipe.configuration(side: side)
        let own = try force(on: block.supercell)
        let whole = try Supercell(model.recipe.recipe.lattice.geometry, size: [side, side * communicator.size])
        let grid = try DomainGrid(
            whole, rankCount: communicator.size, ranks: [1, communicator.size], halo: halo, alignment: alignment)
        let domain = grid.domain(of: communicator.rank)
        let forceField = DomainForceField(try force(on: domain.local), grid: grid, communicator: communicator)
        let displacement = try model.recipe.hotStart().displacement(on: domain.local)
        var forces = displacement
        var (blockForces, blockSeconds, decomposedSeconds) = (block, Double.infinity, Double.infinity)
        // In turns: what else the machine does disturbs both alike.
        for _ in 0..<Self.repetitions {
            blockSeconds = min(blockSeconds, try best { try own.computeForces(at: block, into: &blockForces) })
            decomposedSeconds = min(
                decomposedSeconds, try best { try forceField.computeForces(at: displacement, into: &forces) })
        }
        return max(0, decomposedSeconds - blockSeconds) / Double(2 * side)
    }

    private func force(on supercell: Supercell) throws -> any LocalForceField {
        let field = try model.model.forceField(
            parameters: model.parameters, conditions: model.recipe.recipe.model, supercell: supercell, singlePrecision: true,
            pool: WorkerPool(threads: threads))
        guard let local = field as? any LocalForceField else {
            throw CommunicationError(
                key: "model", problem: "\(model.name); a force that depends on its surroundings alone is needed")
        }
        return local
    }

    /// Numbers to the next rank and from the one before.
    private func exchangeSeconds(count: Int) -> Double {
        let (rank, size) = (communicator.rank, communicator.size)
        let messages = MessageSet(
            sent: [(rank: (rank + 1) % size, tag: 0, count: count)],
            received: [(rank: (rank + size - 1) % size, tag: 0, count: count)])
        let rounds = 200
        return best {
            for _ in 0..<rounds {
                communicator.begin(messages)
                communicator.finish(messages)
            }
        } / Double(rounds)
    }

    /// The shortest time of several, and of them the longest among the ranks.
    private func best(_ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<Self.repetitions {
            communicator.barrier()
            let begun = ContinuousClock.now
            try body()
            best = min(best, (ContinuousClock.now - begun) / .seconds(1))
        }
        withUnsafeMutablePointer(to: &best) { communicator.maximum(UnsafeMutableBufferPointer(start: $0, count: 1)) }
        return best
    }
}

/// Leaves the forces as they are.
private struct NoForce: ForceField {
    func computeForces(at displacement: SiteField, into forces: inout SiteField) {}
}
