import Communication
import LatticeNumerics
import Lattices
import LearnedForces

/// Fits a model to forces.
///
/// An epoch of Adam visits every training site once, in an order keyed by (seed, epoch); one of Levenberg–Marquardt or of the
/// L-BFGS finish is one step with all training sites. State changes between epochs only, so a run that is stopped anywhere goes
/// on from the last epoch and ends with the same bits.
///
/// Several ranks share the work and have the same state throughout: pieces of a batch are spread over them and added in the order
/// of the pieces, so the bits do not depend on the number of ranks.
public final class Trainer {
    /// Shapes and normalisation of the model that is fitted.
    public let model: any ForceModel
    /// How it is fitted.
    public let options: TrainingOptions
    private let data: TrainingSet
    private let order: RandomStream
    private let pool: WorkerPool
    private let communicator: any Communicator
    /// Of loss and gradient, and of errors.
    private let gradientSum: OrderedSum
    private let errorSum: OrderedSum
    private let method: Method
    /// Parameters that may be removed, if some are to be.
    private let removable: [Int]
    /// The gradient of the model that is left, and which of the removable are zero in it.
    private var sparse: (zeros: [Int], gradient: any LossGradient)?
    /// Where the sites of each training configuration begin among all of them.
    private let firstSites: [Int]

    private enum Method {
        case gradient(any LossGradient)
        case leastSquares(LevenbergMarquardt)
    }

    /// - Throws: ``TrainingError/empty(_:)`` if either part of the data is missing; ``NetworkError`` if the model is not fitted
    ///   by the optimizer of the options.
    public init(
        model: any ForceModel, data: TrainingSet, options: TrainingOptions, seed: UInt64, pool: WorkerPool,
        communicator: any Communicator = SingleProcess()
    ) throws {
        guard data.training.count > 0 else { throw TrainingError.empty("training configurations") }
        guard data.validation.count > 0 else { throw TrainingError.empty("validation configurations") }
        try options.requireRemovable(of: model)
        removable = options.removesParameters ? model.removable.flatMap(\.self) : []
        self.model = model
        self.options = options
        self.data = data
        self.pool = pool
        self.communicator = communicator
        gradientSum = OrderedSum(count: model.layout.count + 1, communicator: communicator)
        errorSum = OrderedSum(count: 2, communicator: communicator)
        order = RandomStream(seed: seed, purpose: .batchOrder)
        firstSites = data.training.displacements.reduce(into: [0]) { $0.append($0.last! + $1.supercell.siteCount) }
        let single = options.precision == .float32
        switch options.optimizer {
        case .adam:
            method = .gradient(try model.lossGradient(data.training, singlePrecision: single, pool: pool))
        case .levenbergMarquardt:
            method = .leastSquares(
                try LevenbergMarquardt(
                    model, data.training, start: model.initialParameters(seed: seed), ridge: options.ridge,
                    singlePrecision: single, pool: pool, communicator: communicator))
        }
    }

    /// Sites in the training configurations.
    public var sitesPerEpoch: Int { firstSites.last! }

    /// Batches, and so updates, in an epoch of Adam; the last batch may be smaller.
    public var stepsPerEpoch: Int {
        let items = options.batch == .sites ? sitesPerEpoch : data.training.count
        return (items + options.batchSize - 1) / options.batchSize
    }

    /// Epochs in all, those of the finish included.
    public var epochs: Int { options.optimizer == .adam ? options.epochs + options.finishEpochs : options.epochs }

    /// Whether the state is final: all epochs done, or no improvement for `earlyStoppingPatience` epochs.
    public func isFinished(_ state: TrainingState) -> Bool {
        state.epoch >= epochs
            || (state.epoch >= firstCountedEpoch && options.earlyStoppingPatience > 0
                && state.epochsWithoutImprovement >= options.earlyStoppingPatience)
    }

    /// The first epoch whose parameters may be the best: those before the removal are of another model.
    private var firstCountedEpoch: Int { options.removesParameters ? options.sparsityEpoch : 1 }

    /// The epoch of the state's best parameters.
    public func bestEpoch(_ state: TrainingState) -> EpochRecord? {
        let counted = state.epoch < firstCountedEpoch ? state.history[...] : state.history.dropFirst(firstCountedEpoch - 1)
        return counted.min { $0.validationError < $1.validationError }
    }

    /// One epoch: batches, validation, schedules.
    ///
    /// - Parameters:
    ///   - state: advanced by one epoch; unchanged if an error is thrown or the epoch was abandoned.
    ///   - progress: called after every batch with the number of sites seen and the mean loss so far; false, on any rank, abandons
    ///     the epoch.
    /// - Returns: false if the epoch was abandoned.
    /// - Throws: ``TrainingError`` if a loss, gradient or validation error is not finite, and what the model's forces throw.
    public func runEpoch(_ state: inout TrainingState, progress: (_ sites: Int, _ loss: Double) -> Bool = { _, _ in true }) throws
        -> Bool
    {
        let progress = { [communicator] sites, loss in !communicator.any(!progress(sites, loss)) }
        var next = state
        let epoch = state.epoch + 1
        let result: (loss: Double, rate: Double)? =
            switch method {
            case .gradient(let gradient) where epoch <= options.epochs:
                try descend(&next, try present(gradient, next, epoch), epoch, progress)
            case .gradient(let gradient): try finish(&next, try present(gradient, next, epoch), epoch, progress)
            case .leastSquares(let solver): try fit(&next, solver, epoch, progress)
            }
        guard let result else { return false }
        let error = try errors(of: next.average, on: data.validation)
        guard error.rootMeanSquare.isFinite else { throw TrainingError.validationNotFinite(epoch: epoch) }
        let record = EpochRecord(
            epoch: epoch, step: next.optimizer.step, learningRate: result.rate, loss: result.loss,
            validationError: error.rootMeanSquare, validationAbsoluteError: error.meanAbsolute)
        if epoch == firstCountedEpoch || error.rootMeanSquare < (bestEpoch(next)?.validationError ?? .infinity) {
            next.best = next.average
            next.epochsWithoutImprovement = 0
            next.epochsWithoutReduction = 0
        } else {
            next.epochsWithoutImprovement += 1
            next.epochsWithoutReduction += 1
            if options.schedule == .reduceOnPlateau, next.epochsWithoutReduction > options.plateauPatience {
                next.plateauReduction *= options.plateauFactor
                next.epochsWithoutReduction = 0
            }
        }
        next.history.append(record)
        state = next
        return true
    }

    /// An epoch of Adam.
    private func descend(
        _ next: inout TrainingState, _ gradient: any LossGradient, _ epoch: Int, _ progress: (Int, Double) -> Bool
    ) throws -> (loss: Double, rate: Double)? {
        var (sum, seen, rate) = (0.0, 0, 0.0)
        let removing = options.removalEpochs
        var removal =
            removing.contains(epoch) ? ParameterRemoval(removable, options.sparsity, from: next.parameters) : nil
        for (index, batch) in batches(epoch: epoch).enumerated() {
            let step = next.optimizer.step
            // The schedule counts by epochs, so that it fits where the size of a batch has changed on the way.
            rate = options.learningRate(
                step: (epoch - 1) * stepsPerEpoch + index, of: stepsPerEpoch * options.epochs,
                plateauReduction: next.plateauReduction)
            var (loss, slope) = try evaluate(gradient, next.parameters, batch, epoch: epoch, step: step)
            let norm = CurvatureHistory.product(slope, slope).squareRoot()
            if options.gradientClip > 0, norm > options.gradientClip {
                let scale = options.gradientClip / norm
                for k in slope.indices { slope[k] *= scale }
            }
            next.optimizer.update(
                &next.parameters, gradient: slope, learningRate: rate, beta1: options.beta1, beta2: options.beta2,
                epsilon: options.epsilon)
            removal?.advance(
                &next, to: (epoch - removing.lowerBound) * stepsPerEpoch + index + 1, of: removing.count * stepsPerEpoch)
            updateAverage(&next)
            sum += loss * Double(batch.count)
            seen += batch.count
            if !progress(seen, sum / Double(seen)) { return nil }
        }
        removal?.finish(&next)
        return (sum / Double(seen), rate)
    }

    /// The gradient of the model that the state's parameters belong to.
    private func present(_ whole: any LossGradient, _ state: TrainingState, _ epoch: Int) throws -> any LossGradient {
        guard options.removesParameters, epoch > options.removalEpochs.lowerBound else { return whole }
        let zeros = removable.filter { state.parameters[$0] == 0 }
        if let sparse, sparse.zeros == zeros { return sparse.gradient }
        let gradient = try model.removingZeros(of: state.parameters).lossGradient(
            data.training, singlePrecision: options.precision == .float32, pool: pool)
        sparse = (zeros, gradient)
        return gradient
    }

    /// A step of L-BFGS with all training sites, from the best parameters of the descent. Its length is found by bisection: it
    /// grows while the slope stays, and shrinks until the loss falls by a part of what the slope promises (weak Wolfe conditions;
    /// A. S. Lewis & M. L. Overton, Math. Program. 141, 135 (2013), doi:10.1007/s10107-012-0514-2).
    private func finish(
        _ next: inout TrainingState, _ gradient: any LossGradient, _ epoch: Int, _ progress: (Int, Double) -> Bool
    ) throws -> (loss: Double, rate: Double)? {
        let start = epoch == options.epochs + 1 ? next.best : next.parameters
        let all = sites(of: data.training.displacements.indices)
        let (loss, slope) = try evaluate(gradient, start, all, epoch: epoch, step: next.optimizer.step)
        let direction = next.curvature.direction(slope)
        let promised = CurvatureHistory.product(slope, direction)
        var (shortest, longest, length) = (0.0, Double.infinity, 1.0)
        var found = (parameters: start, slope: slope, loss: loss)
        for _ in 0..<Self.searchAttempts where promised < 0 {
            guard progress(all.count / 2, loss) else { return nil }
            let moved = zip(start, direction).map { $0 + length * $1 }
            let (after, slopeAfter) = gradient.evaluate(
                parameters: moved, sites: all, huberThreshold: options.huberThreshold, sum: gradientSum)
            if after.isFinite, after <= loss + 1e-4 * length * promised {
                if after < found.loss { found = (moved, slopeAfter, after) }
                if CurvatureHistory.product(slopeAfter, direction) >= 0.9 * promised { break }
                shortest = length
            } else {
                longest = length
            }
            length = longest.isFinite ? (shortest + longest) / 2 : 2 * length
        }
        next.optimizer.step += 1
        next.curvature.append(
            step: zip(found.parameters, start).map { $0 - $1 }, change: zip(found.slope, slope).map { $0 - $1 })
        // A direction that leads nowhere is the fault of what is remembered.
        if found.loss == loss { next.curvature = CurvatureHistory() }
        (next.parameters, next.average) = (found.parameters, found.parameters)
        return (found.loss, found.loss < loss ? length : 0)
    }

    private static let searchAttempts = 12

    /// A step of Levenberg–Marquardt; its damping takes the place of the learning rate in the record.
    private func fit(
        _ next: inout TrainingState, _ solver: LevenbergMarquardt, _ epoch: Int, _ progress: (Int, Double) -> Bool
    ) throws -> (loss: Double, rate: Double)? {
        let known = next.history.last?.loss ?? .nan
        let damping = next.damping
        let result = try solver.step(
            &next.parameters, damping: &next.damping, huberThreshold: options.huberThreshold
        ) { configurations in progress(firstSites[configurations], known) }
        guard let result else { return nil }
        guard result.after.isFinite else {
            throw TrainingError.notFinite(quantity: "loss", epoch: epoch, step: next.optimizer.step)
        }
        next.optimizer.step += 1
        next.average = next.parameters
        return (result.after, damping)
    }

    private func evaluate(
        _ gradient: any LossGradient, _ parameters: [Double], _ sites: [SampleSite], epoch: Int, step: Int
    ) throws -> (loss: Double, gradient: [Double]) {
        let result = gradient.evaluate(
            parameters: parameters, sites: sites, huberThreshold: options.huberThreshold, sum: gradientSum)
        guard result.loss.isFinite else { throw TrainingError.notFinite(quantity: "loss", epoch: epoch, step: step) }
        guard result.gradient.allSatisfy(\.isFinite) else {
            throw TrainingError.notFinite(quantity: "gradient", epoch: epoch, step: step)
        }
        return result
    }

    /// The curvature of the loss at parameters that Levenberg–Marquardt has found; it takes about as long as a step.
    ///
    /// - Parameter progress: called with the number of sites seen; false, on any rank, abandons it.
    /// - Returns: nil if it was abandoned.
    /// - Throws: what the model's forces throw.
    public func curvature(at parameters: [Double], progress: (_ sites: Int) -> Bool = { _ in true }) throws -> FitCurvature? {
        guard case .leastSquares(let solver) = method else { preconditionFailure("a fit by least squares") }
        return try solver.curvature(at: parameters, huberThreshold: options.huberThreshold) { configurations in
            !communicator.any(!progress(firstSites[configurations]))
        }
    }

    /// Errors of the electronic force on samples, in energy per displacement.
    public func errors(
        of parameters: [Double], on samples: ForceSamples
    ) throws -> (rootMeanSquare: Double, meanAbsolute: Double) {
        let own = samples.selecting(Array(errorSum.share(of: samples.count)))
        let forces = try communicator.together {
            try model.predictedForces(parameters, on: own, singlePrecision: options.precision == .float32, pool: pool)
        }
        // Squares and absolute values.
        var sums = [0.0, 0]
        errorSum.add(to: &sums) { sums in
            for (force, target) in zip(forces, own.forces) {
                for (a, b) in zip(force.values, target.values) {
                    sums[0] += (a - b) * (a - b)
                    sums[1] += abs(a - b)
                }
            }
        }
        let count = Double(samples.forces.reduce(0) { $0 + $1.values.count })
        return ((sums[0] / count).squareRoot(), sums[1] / count)
    }

    /// The moving average starts fast and slows to its decay: min(decay, (1 + step)/(10 + step)).
    private func updateAverage(_ state: inout TrainingState) {
        guard options.averageDecay > 0 else {
            state.average = state.parameters
            return
        }
        let step = Double(state.optimizer.step)
        let decay = min(options.averageDecay, (1 + step) / (10 + step))
        for k in state.average.indices { state.average[k] = decay * state.average[k] + (1 - decay) * state.parameters[k] }
    }

    private func batches(epoch: Int) -> [[SampleSite]] {
        switch options.batch {
        case .sites:
            let all = sites(of: data.training.displacements.indices)
            let shuffled = order.permutation(of: sitesPerEpoch, step: epoch)
            return WorkerPool.ranges(count: shuffled.count, size: options.batchSize).map { range in
                shuffled[range].map { all[$0] }
            }
        case .configurations:
            let shuffled = order.permutation(of: data.training.count, step: epoch)
            return WorkerPool.ranges(count: shuffled.count, size: options.batchSize).map { sites(of: shuffled[$0]) }
        }
    }

    /// All sites of some of the training configurations.
    private func sites(of configurations: some Sequence<Int>) -> [SampleSite] {
        configurations.flatMap { configuration in
            (0..<data.training.displacements[configuration].supercell.siteCount).map {
                SampleSite(configuration: configuration, site: $0)
            }
        }
    }
}
