import EquivariantNetworks
import LatticeNumerics
import Lattices
import Training

extension Benchmark {
    /// Loss, gradient and one update by Adam on a batch of all the sites of four 24² configurations.
    ///
    /// Operations: four times those of the forward pass, for the forward products, the same again in the backward pass,
    /// which recomputes them, and the two products of the backward pass, with respect to weights and to features. What Adam
    /// does is in the time and not in the count.
    static let training = Benchmark(
        name: "training", summary: "one step on a batch of 2304 sites"
    ) { session in
        for recipe in session.recipes {
            let (network, initial) = try recipe.network()
            let options = recipe.recipe.training
            let configurations = [SiteField](repeating: try recipe.configuration(side: 24), count: 4)
            let samples = ForceSamples(
                displacements: configurations, forces: configurations, conditions: configurations.map { _ in recipe.recipe.model }
            )
            let batch = configurations.indices.flatMap { index in
                configurations[index].values.indices.map { SampleSite(configuration: index, site: $0) }
            }
            for precision in Precision.allCases {
                let operations = 4 * 2 * Double(network.multiplyAdds) * Double(batch.count)
                let work = Work(sites: batch.count, operations: operations, precision: precision)
                for threads in session.threadCounts {
                    let loss = try network.lossGradient(
                        samples, singlePrecision: precision == .float32, pool: WorkerPool(threads: threads))
                    var parameters = initial
                    var adam = Adam(count: initial.count)
                    session.time("\(recipe.name), \(precision)", threads: threads, work: work) {
                        let (_, gradient) = loss.evaluate(
                            parameters: parameters, sites: batch, huberThreshold: options.huberThreshold)
                        adam.update(
                            &parameters, gradient: gradient, learningRate: options.learningRate, beta1: options.beta1,
                            beta2: options.beta2, epsilon: options.epsilon)
                    }
                }
            }
        }
    }
}
