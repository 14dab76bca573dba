import ElectronicStructure
import LatticeNumerics
import Lattices
import Workflows

extension Benchmark {
    /// Every solver on the map of error against cost, at the recipe's coupling and at g = 1.5.
    ///
    /// Errors are those of the electronic force on all sites of twelve snapshots of each of four quenches of 32² sites that no
    /// model was trained on, against diagonalization. Times are the best for a force on 200² hot sites. A learned model is one
    /// more ``MapCandidate``.
    static let solvers = Benchmark(
        name: "solvers", summary: "error and time of every solver: the map for learned models"
    ) { session in
        let recipe = session.recipes[0].recipe
        let pool = WorkerPool(threads: session.threads)
        let couplings = recipe.model.coupling == 1.5 ? [1.5] : [recipe.model.coupling, 1.5]
        let maps = try couplings.map { coupling in
            let model = try recipe.model.with(coupling: coupling)
            let quenches = try HeldOutQuenches(recipe, model: model, side: 32, count: 4, pool: pool)
            let map = try SolverMap(MapCandidate.solvers(model), quenches: quenches, session: session) { side in
                try session.recipes[0].configuration(side: side)
            }
            session.state(map)
            return map
        }
        if let path = session.figure { try AccuracyMap(maps).draw(to: path) }
    }
}

extension HolsteinModel {
    /// The same model with another coupling.
    fileprivate func with(coupling: Double) throws -> HolsteinModel {
        try HolsteinModel(
            hopping: hopping, coupling: coupling, stiffness: stiffness, neighborStiffness: neighborStiffness,
            temperature: temperature, reservoir: reservoir)
    }
}
