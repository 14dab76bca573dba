import Experiments
import LatticeNumerics
import LearnedForces
import Recipes
import Reports
import Runs
import Training

/// The training of one model within a budget.
struct TrainingRun {
    private let recipe: Recipe
    private let data: TrainingSet
    private let budget: TrainingBudget
    private let pool: WorkerPool
    /// Sites of the data, however often an epoch repeats them.
    private let sites: Int
    private let begun = ContinuousClock.now
    private let model: any ForceModel
    private var options: TrainingOptions
    private var state: TrainingState
    private var seconds = 0.0

    init(
        _ recipe: Recipe, training: ForceSamples, validation: ForceSamples, budget: TrainingBudget, pool: WorkerPool
    ) throws {
        self.recipe = recipe
        self.budget = budget
        self.pool = pool
        options = recipe.training
        var model = try recipe.network.architecture.model(on: recipe.lattice.geometry, kind: recipe.model.variable.kind)
        try model.normalize(training)
        self.model = model
        let parameters = model.initialParameters(seed: recipe.seed)
        sites = training.siteCount
        let chosen =
            switch recipe.training.optimizer {
            case .adam: Self.repeated(training)
            case .levenbergMarquardt: try Self.affordable(training, model, parameters, budget, pool)
            }
        data = TrainingSet(training: chosen, validation: validation)
        state = TrainingState(parameters: parameters, damping: options.initialDamping)
    }

    /// An epoch of few configurations repeats them, so that the validation after it costs little.
    private static func repeated(_ samples: ForceSamples) -> ForceSamples {
        samples.selecting((0..<max(1, shortestEpoch / samples.count)).flatMap { _ in 0..<samples.count })
    }

    /// In configurations.
    private static let shortestEpoch = 64

    /// As many configurations, spread evenly, as can be fitted in the time.
    private static func affordable(
        _ samples: ForceSamples, _ model: any ForceModel, _ parameters: [Double], _ budget: TrainingBudget, _ pool: WorkerPool
    ) throws -> ForceSamples {
        let probe = samples.selecting(Array(0..<min(samples.count, 2 * pool.threads)))
        let seconds =
            try Measurement(repeating: 0) {
                _ = try model.predictedForces(parameters, on: probe, singlePrecision: false, pool: pool)
            }.best / Double(probe.count)
        let count = budget.configurations(of: samples.count, parameters: parameters.count, secondsPerForce: seconds)
        return samples.selecting((0..<count).map { (2 * $0 + 1) * samples.count / (2 * count) })
    }

    /// Trains until the budget is spent or nothing improves.
    mutating func finish() throws {
        switch options.optimizer {
        case .adam: try descend()
        case .levenbergMarquardt: try fit()
        }
        seconds = elapsed
    }

    private var elapsed: Double { (ContinuousClock.now - begun) / .seconds(1) }

    /// The schedule is laid out when the first epochs have told how long one takes; in these few the learning rate is at its
    /// largest whatever the schedule.
    private mutating func descend() throws {
        options.epochs = Self.manyEpochs
        let first = try trainer()
        var secondsPerEpoch = 0.0
        repeat {
            let before = elapsed
            _ = try first.runEpoch(&state)
            secondsPerEpoch = elapsed - before
        } while state.epoch < 2 && elapsed + secondsPerEpoch < budget.seconds / 8
        options.epochs = budget.epochs(
            done: state.epoch, elapsed: elapsed, secondsPerEpoch: secondsPerEpoch, finish: options.finishEpochs)
        let trainer = try trainer()
        while !trainer.isFinished(state), elapsed < Self.patience * budget.seconds { _ = try trainer.runEpoch(&state) }
    }

    private mutating func fit() throws {
        let trainer = try trainer()
        while !trainer.isFinished(state), elapsed < budget.seconds, !TrainingBudget.isConverged(losses: state.history.map(\.loss))
        {
            _ = try trainer.runEpoch(&state)
        }
    }

    private func trainer() throws -> Trainer {
        try Trainer(model: model, data: data, options: options, seed: recipe.seed, pool: pool)
    }

    private static let manyEpochs = 1_000_000
    /// A machine that slows down meanwhile may exceed the budget by this factor.
    private static let patience = 1.25

    /// The best model so far.
    var trained: TrainedModel {
        var used = recipe
        used.training = options
        let best = state.history.min { $0.validationError < $1.validationError }
        return TrainedModel(
            single: model, parameters: state.best, recipe: used.resolvedTOML, epoch: best?.epoch ?? 0,
            validationError: state.bestError)
    }

    var facts: TrainingFacts {
        TrainingFacts(
            budget: budget, seconds: seconds, epochs: state.epoch, parameters: model.layout.count,
            sites: sites,
            fittedSites: min(sites, data.training.siteCount), validationError: state.bestError, recipe: recipe.resolvedTOML)
    }
}
