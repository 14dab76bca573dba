import EquivariantNetworks
import LatticeNumerics

extension Benchmark {
    /// The electronic force of a network on every site. Operations: two for each multiply–add of the network.
    static let forward = Benchmark(
        name: "forward", summary: "learned forces on a lattice"
    ) { session in
        for recipe in session.recipes {
            let (network, parameters) = try recipe.network()
            for side in [40, 200] {
                let configuration = try recipe.configuration(side: side)
                var force = configuration
                let sites = configuration.supercell.siteCount
                for precision in Precision.allCases {
                    let operations = 2 * Double(network.multiplyAdds) * Double(sites)
                    let work = Work(sites: sites, operations: operations, precision: precision)
                    for threads in session.threadCounts {
                        let field = try network.forceField(
                            parameters: parameters, conditions: recipe.recipe.model, supercell: configuration.supercell,
                            singlePrecision: precision == .float32, pool: WorkerPool(threads: threads))
                        try session.time("\(recipe.name), \(side)², \(precision)", threads: threads, work: work) {
                            try field.computeForces(at: configuration, into: &force)
                        }
                    }
                }
            }
        }
    }
}
