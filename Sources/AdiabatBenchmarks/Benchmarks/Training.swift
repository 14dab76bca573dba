import LatticeNumerics
import Lattices
import LearnedForces
import Training

extension Benchmark {
    /// One step of training on all 2304 sites of four 24² configurations: loss, gradient and one update by Adam, or a step of
    /// Levenberg–Marquardt for models that are fitted by it.
    ///
    /// Operations of the former: four times those of the forward pass, for the forward products, the same again in the backward
    /// pass, which recomputes them, and the two products of the backward pass, with respect to weights and to features. What
    /// Adam does is in the time and not in the count.
    static let training = Benchmark(
        name: "training", summary: "one step on a batch of 2304 sites"
    ) { session in
        for candidate in session.models {
            for precision in Precision.allCases {
                for threads in session.threadCounts {
                    let trial = try TrainingTrial(candidate, precision: precision, threads: threads)
                    try session.time("\(candidate.name), \(precision)", threads: threads, work: trial.work) { try trial.step() }
                }
            }
        }
    }
}

/// The steps of one model in one precision.
private struct TrainingTrial {
    let work: Work
    /// Every call begins where the one before has ended.
    let step: () throws -> Void

    init(_ candidate: BenchmarkModel, precision: Precision, threads: Int) throws {
        let configurations = [SiteField](repeating: candidate.sample, count: 4)
        let samples = ForceSamples(
            displacements: configurations, forces: configurations,
            conditions: configurations.map { _ in candidate.recipe.recipe.model })
        let pool = WorkerPool(threads: threads)
        switch candidate.options.optimizer {
        case .adam:
            step = try Self.descent(candidate, samples, singlePrecision: precision == .float32, pool)
            work = Work(
                sites: samples.siteCount, operations: 4 * 2 * Double(candidate.model.multiplyAdds) * Double(samples.siteCount),
                precision: precision)
        case .levenbergMarquardt:
            step = try Self.leastSquares(candidate, samples, singlePrecision: precision == .float32, pool)
            work = Work(sites: samples.siteCount)
        }
    }

    private static func descent(
        _ candidate: BenchmarkModel, _ samples: ForceSamples, singlePrecision: Bool, _ pool: WorkerPool
    ) throws -> () throws -> Void {
        let (options, batch) = (candidate.options, samples.sites)
        let loss = try candidate.model.lossGradient(samples, singlePrecision: singlePrecision, pool: pool)
        var parameters = candidate.parameters
        var adam = Adam(count: parameters.count)
        return {
            let (_, gradient) = loss.evaluate(parameters: parameters, sites: batch, huberThreshold: options.huberThreshold)
            adam.update(
                &parameters, gradient: gradient, learningRate: options.learningRate, beta1: options.beta1,
                beta2: options.beta2, epsilon: options.epsilon)
        }
    }

    private static func leastSquares(
        _ candidate: BenchmarkModel, _ samples: ForceSamples, singlePrecision: Bool, _ pool: WorkerPool
    ) throws -> () throws -> Void {
        var options = candidate.options
        (options.precision, options.epochs) = (singlePrecision ? .float32 : .float64, .max)
        let trainer = try Trainer(
            model: candidate.model, data: TrainingSet(training: samples, validation: samples.selecting([0])), options: options,
            seed: 1, pool: pool)
        let start = TrainingState(parameters: candidate.parameters, damping: options.initialDamping)
        return {
            var state = start
            _ = try trainer.runEpoch(&state)
        }
    }
}

extension ForceSamples {
    /// All of them, configuration after configuration.
    fileprivate var sites: [SampleSite] {
        displacements.indices.flatMap { configuration in
            displacements[configuration].values.indices.map { SampleSite(configuration: configuration, site: $0) }
        }
    }
}
