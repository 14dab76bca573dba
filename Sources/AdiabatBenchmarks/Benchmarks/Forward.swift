import LatticeNumerics
import LearnedForces

extension Benchmark {
    /// The electronic force of a model on every site. Operations: two for each multiply–add of the model, of a convolution those of
    /// the products between irreps alone.
    static let forward = Benchmark(
        name: "forward", summary: "learned forces on a lattice"
    ) { session in
        for candidate in session.models {
            for side in [40, 200] {
                let configuration = try candidate.recipe.configuration(side: side)
                var force = configuration
                let sites = configuration.supercell.siteCount
                for precision in Precision.allCases {
                    let products = (candidate.model as? ConvolutionModel)?.productMultiplyAdds
                    let operations = 2 * Double(products ?? candidate.model.multiplyAdds) * Double(sites)
                    let work = Work(sites: sites, operations: operations, precision: precision)
                    for threads in session.threadCounts {
                        let field = try candidate.model.forceField(
                            parameters: candidate.parameters, conditions: candidate.recipe.recipe.model,
                            supercell: configuration.supercell, singlePrecision: precision == .float32,
                            pool: WorkerPool(threads: threads))
                        try session.time("\(candidate.name), \(side)², \(precision)", threads: threads, work: work) {
                            try field.computeForces(at: configuration, into: &force)
                        }
                    }
                }
            }
        }
    }
}
