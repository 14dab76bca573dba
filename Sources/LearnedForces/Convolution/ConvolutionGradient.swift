import Communication
import Electrons
import LatticeNumerics
import Lattices

/// The loss of a convolutional network and its gradient, one configuration of the batch after the other on each thread.
///
/// Every configuration has its own gradient; they are added in the order of the batch, in Float64.
final class ConvolutionGradient<Scalar: ConvolutionScalar>: LossGradient {
    private let model: ConvolutionModel
    private let samples: ForceSamples
    private let pool: WorkerPool
    /// What a local solver says of each configuration; empty without one.
    private let baselines: [BaselineSample]
    /// Memory of each worker, for the supercells it has met.
    private let workspaces: [Workspaces]
    private var gradients: [UnsafeMutablePointer<Scalar>] = []

    private final class Workspaces {
        var passes: [(supercell: Supercell, pass: ConvolutionPass<Scalar>, dual: DualPass<Scalar>?)] = []
    }

    init(_ model: ConvolutionModel, _ samples: ForceSamples, pool: WorkerPool) throws {
        self.model = model
        self.samples = samples
        self.pool = pool
        baselines = try model.baselineSamples(samples, pool: pool)
        workspaces = (0..<pool.threads).map { _ in Workspaces() }
    }

    deinit { for gradient in gradients { gradient.deallocate() } }

    // Called through a protocol: without these the kernels below would run unspecialised, a hundred times slower.
    @_specialize(where Scalar == Float) @_specialize(where Scalar == Double) func evaluate(
        parameters: [Double], sites: [SampleSite], huberThreshold: Double, sum: OrderedSum
    ) -> (loss: Double, gradient: [Double]) {
        precondition(!sites.isEmpty, "a batch of at least one site")
        var order: [Int] = []
        var chosen: [Int: [Int]] = [:]
        for sample in sites {
            if chosen[sample.configuration] == nil { order.append(sample.configuration) }
            chosen[sample.configuration, default: []].append(sample.site)
        }
        let pieces = order[sum.share(of: order.count)].map { (configuration: $0, sites: chosen[$0]!) }
        let count = model.layout.count
        while gradients.count < pieces.count { gradients.append(.allocate(capacity: count)) }
        var losses = [Double](repeating: 0, count: pieces.count)
        losses.withUnsafeMutableBufferPointer { losses in
            // Each piece touches its own gradient and loss and its worker's memory only.
            nonisolated(unsafe) let (losses, this) = (losses, self)
            pool.forEach(count: pieces.count) { piece, worker in
                losses[piece] = this.evaluate(
                    pieces[piece].configuration, pieces[piece].sites, of: sites.count, parameters, huberThreshold,
                    this.gradients[piece], worker: worker)
            }
        }
        var sums = [Double](repeating: 0, count: count + 1)
        sum.add(to: &sums) { sums in
            for (piece, part) in pieces.enumerated() {
                model.network.addGradient(
                    gradients[piece], to: &sums, parameters: parameters, scales: model.scales,
                    conditions: samples.conditions[part.configuration])
                sums[count] += losses[piece]
            }
        }
        return (sums[count], Array(sums.prefix(count)))
    }

    /// Forward and backward of one configuration; returns its part of the loss.
    private func evaluate(
        _ configuration: Int, _ sites: [Int], of total: Int, _ parameters: [Double], _ threshold: Double,
        _ gradient: UnsafeMutablePointer<Scalar>, worker: Int
    ) -> Double {
        let field = samples.displacements[configuration]
        let weights = ConvolutionWeights<Scalar>(
            model.network, parameters: parameters, scales: model.scales, conditions: samples.conditions[configuration])
        let baseline = baselines.isEmpty ? nil : baselines[configuration]
        let (pass, dual) = workspace(field.supercell, worker)
        pass.forward(weights, at: field.values, baseline: baseline?.channels ?? [])
        let forces = dual == nil ? pass.directForces(weights) : pass.conservativeForces(weights)
        var slopes = [Double](repeating: 0, count: forces.count)
        var loss = 0.0
        let weight = 1 / Double(total)
        for site in sites {
            let target = samples.forces[configuration].values[site] - (baseline?.force[site] ?? 0)
            let error = forces[site] - target / model.scales.output
            if threshold > 0, abs(error) > threshold {
                loss += weight * threshold * (2 * abs(error) - threshold)
                slopes[site] += 2 * weight * (error < 0 ? -threshold : threshold)
            } else {
                loss += weight * error * error
                slopes[site] += 2 * weight * error
            }
        }
        gradient.update(repeating: 0, count: model.layout.count)
        if let dual {
            dual.backward(weights, slopes: slopes, addingTo: gradient)
        } else {
            pass.backward(weights, slopes: slopes.map { Scalar($0) }, addingTo: gradient)
        }
        return loss
    }

    private func workspace(_ supercell: Supercell, _ worker: Int) -> (ConvolutionPass<Scalar>, DualPass<Scalar>?) {
        let own = workspaces[worker]
        if let known = own.passes.first(where: { $0.supercell == supercell }) { return (known.pass, known.dual) }
        let pass = ConvolutionPass<Scalar>(model.network, supercell, backward: true)
        let dual = model.network.architecture.head == .conservative ? DualPass(pass) : nil
        own.passes.append((supercell, pass, dual))
        return (pass, dual)
    }
}
