import EquivariantNetworks
import LatticeNumerics
import Lattices

/// Fits a network to forces.
///
/// An epoch visits every training site once, in an order keyed by (seed, epoch). State changes between epochs only, so a
/// run that is stopped anywhere goes on from the last epoch and ends with the same bits.
public final class Trainer {
    /// Shapes and normalisation of the network that is fitted.
    public let network: FullyConnectedNetwork
    /// How it is fitted.
    public let options: TrainingOptions
    private let data: TrainingSet
    private let order: RandomStream
    private let gradient: any LossGradient
    private let pool: WorkerPool
    private let siteCount: Int

    /// - Throws: ``TrainingError/empty(_:)`` if either part of the data is missing.
    public init(network: FullyConnectedNetwork, data: TrainingSet, options: TrainingOptions, seed: UInt64, pool: WorkerPool)
        throws
    {
        guard data.training.count > 0 else { throw TrainingError.empty("training configurations") }
        guard data.validation.count > 0 else { throw TrainingError.empty("validation configurations") }
        self.network = network
        self.options = options
        self.data = data
        self.pool = pool
        order = RandomStream(seed: seed, purpose: .batchOrder)
        siteCount = data.training.displacements[0].supercell.siteCount
        gradient = network.lossGradient(
            configurations: data.training.displacements, targets: data.training.targets,
            singlePrecision: options.precision == .float32, pool: pool)
    }

    /// Sites in the training configurations.
    public var sitesPerEpoch: Int { siteCount * data.training.count }

    /// Batches, and so updates, in an epoch; the last batch may be smaller.
    public var stepsPerEpoch: Int {
        let items = options.batch == .sites ? sitesPerEpoch : data.training.count
        return (items + options.batchSize - 1) / options.batchSize
    }

    /// Whether the state is final: all epochs done, or no improvement for `earlyStoppingPatience` epochs.
    public func isFinished(_ state: TrainingState) -> Bool {
        state.epoch >= options.epochs
            || (options.earlyStoppingPatience > 0 && state.epochsWithoutImprovement >= options.earlyStoppingPatience)
    }

    /// One epoch: batches, validation, schedules.
    ///
    /// - Parameters:
    ///   - state: advanced by one epoch; unchanged if an error is thrown or the epoch was abandoned.
    ///   - progress: called after every batch with the number of sites seen and the mean loss so far; false abandons the epoch.
    /// - Returns: false if the epoch was abandoned.
    /// - Throws: ``TrainingError`` if a loss, gradient or validation error is not finite.
    public func runEpoch(_ state: inout TrainingState, progress: (_ sites: Int, _ loss: Double) -> Bool = { _, _ in true }) throws
        -> Bool
    {
        var next = state
        let epoch = state.epoch + 1
        var sum = 0.0
        var seen = 0
        var rate = 0.0
        for batch in batches(epoch: epoch) {
            let step = next.optimizer.step
            rate = options.learningRate(step: step, of: stepsPerEpoch * options.epochs, plateauReduction: next.plateauReduction)
            var (loss, slope) = gradient.evaluate(
                parameters: next.parameters, sites: batch, huberThreshold: options.huberThreshold)
            let norm = slope.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard loss.isFinite else { throw TrainingError.notFinite(quantity: "loss", epoch: epoch, step: step) }
            guard norm.isFinite else { throw TrainingError.notFinite(quantity: "gradient", epoch: epoch, step: step) }
            if options.gradientClip > 0, norm > options.gradientClip {
                let scale = options.gradientClip / norm
                for k in slope.indices { slope[k] *= scale }
            }
            next.optimizer.update(
                &next.parameters, gradient: slope, learningRate: rate, beta1: options.beta1, beta2: options.beta2,
                epsilon: options.epsilon)
            updateAverage(&next)
            sum += loss * Double(batch.count)
            seen += batch.count
            if !progress(seen, sum / Double(seen)) { return false }
        }
        let error = try errors(of: next.average, on: data.validation)
        guard error.rootMeanSquare.isFinite else { throw TrainingError.validationNotFinite(epoch: epoch) }
        let record = EpochRecord(
            epoch: epoch, step: next.optimizer.step, learningRate: rate, loss: sum / Double(seen),
            validationError: error.rootMeanSquare, validationAbsoluteError: error.meanAbsolute)
        if error.rootMeanSquare < next.bestError {
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

    /// Errors of the electronic force on samples, in energy per displacement.
    public func errors(
        of parameters: [Double], on samples: TrainingSet.Samples
    ) throws -> (rootMeanSquare: Double, meanAbsolute: Double) {
        let field = try LearnedForceField(
            network, parameters: parameters, supercell: samples.displacements[0].supercell,
            singlePrecision: options.precision == .float32, pool: pool)
        var (square, absolute, count) = (0.0, 0.0, 0)
        for (displacement, target) in zip(samples.displacements, samples.targets) {
            let force = try field.forces(at: displacement)
            for (a, b) in zip(force.values, target.values) {
                square += (a - b) * (a - b)
                absolute += abs(a - b)
            }
            count += target.values.count
        }
        return ((square / Double(count)).squareRoot(), absolute / Double(count))
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
            let shuffled = order.permutation(of: sitesPerEpoch, step: epoch)
            return WorkerPool.ranges(count: shuffled.count, size: options.batchSize).map { range in
                shuffled[range].map { SampleSite(configuration: $0 / siteCount, site: $0 % siteCount) }
            }
        case .configurations:
            let shuffled = order.permutation(of: data.training.count, step: epoch)
            return WorkerPool.ranges(count: shuffled.count, size: options.batchSize).map { range in
                shuffled[range].flatMap { configuration in
                    (0..<siteCount).map { SampleSite(configuration: configuration, site: $0) }
                }
            }
        }
    }
}
