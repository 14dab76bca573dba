import LatticeNumerics
import Lattices

/// A site of one of the training configurations.
public struct SampleSite: Sendable, Equatable {
    /// Index of the configuration.
    public let configuration: Int
    /// The site in it.
    public let site: Int

    /// Site `site` of configuration `configuration`.
    public init(configuration: Int, site: Int) {
        self.configuration = configuration
        self.site = site
    }
}

/// The loss of a network on sites of a dataset, and its gradient.
///
///     L = (1/M) Σ ℓ(f − F/scale),     ℓ(r) = r²,  or beyond the threshold h: 2h|r| − h²  (Huber)
///
/// over the M components of the forces of the given sites, f the network's output in units of its output scale.
/// A batch is cut into a fixed number of pieces whose gradients are added in order, so the result does not depend on threads.
public protocol LossGradient: AnyObject {
    /// - Parameters:
    ///   - parameters: as laid out by the network's `layout`.
    ///   - sites: the batch, in any order.
    ///   - huberThreshold: h in units of the output scale; 0 for the plain square.
    func evaluate(parameters: [Double], sites: [SampleSite], huberThreshold: Double) -> (loss: Double, gradient: [Double])
}

extension FullyConnectedNetwork {
    /// The loss on `configurations`, in Float32 (`singlePrecision`) or Float64 arithmetic.
    public func lossGradient(
        configurations: [SiteField], targets: [SiteField], singlePrecision: Bool, pool: WorkerPool
    ) -> any LossGradient {
        singlePrecision
            ? BatchGradient<Float>(self, configurations: configurations, targets: targets, pool: pool)
            : BatchGradient<Double>(self, configurations: configurations, targets: targets, pool: pool)
    }
}

private final class BatchGradient<Scalar: NetworkScalar>: LossGradient {
    /// Pieces of a batch: fixed, so that sums have one order; enough for the threads of a workstation.
    private static var pieces: Int { 8 }

    private let network: FullyConnectedNetwork
    /// Encoded displacements of every configuration, [encoding][site][component].
    private let encoded: [[Scalar]]
    private let targets: [SiteField]
    private let pool: WorkerPool
    private let gather: NeighborGather
    private let tiles: [NetworkTile<Scalar>]
    private let gradients: [WeightGradient<Scalar>]

    init(_ network: FullyConnectedNetwork, configurations: [SiteField], targets: [SiteField], pool: WorkerPool) {
        precondition(configurations.count == targets.count && !configurations.isEmpty, "one target a configuration")
        precondition(configurations.allSatisfy { $0.supercell == configurations[0].supercell }, "one supercell")
        self.network = network
        encoded = configurations.map { network.architecture.encoded($0) }
        self.targets = targets
        self.pool = pool
        gather = NeighborGather(network.neighborhood, supercell: configurations[0].supercell)
        tiles = (0..<Self.pieces).map { _ in NetworkTile(network, training: true) }
        gradients = (0..<Self.pieces).map { _ in WeightGradient(network) }
    }

    // Called through a protocol: without these the kernels below would run unspecialised, a hundred times slower.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func evaluate(parameters: [Double], sites: [SampleSite], huberThreshold: Double) -> (loss: Double, gradient: [Double]) {
        precondition(!sites.isEmpty, "a batch of at least one site")
        let weights = FrozenWeights<Scalar>(network, parameters: parameters)
        let tileRanges = WorkerPool.ranges(count: sites.count, size: tiles[0].capacity)
        let pieces = min(Self.pieces, tileRanges.count)
        var losses = [Double](repeating: 0, count: pieces)
        losses.withUnsafeMutableBufferPointer { losses in
            // Each piece touches its own tile, gradient and loss only.
            nonisolated(unsafe) let (losses, this) = (losses, self)
            pool.forEach(count: pieces) { piece, _ in
                this.gradients[piece].reset()
                let first = piece * tileRanges.count / pieces
                let last = (piece + 1) * tileRanges.count / pieces
                for range in tileRanges[first..<last] {
                    losses[piece] += this.add(sites[range], of: sites.count, weights, huberThreshold, piece: piece)
                }
            }
        }
        return (losses.reduce(0, +), collectGradient(pieces: pieces))
    }

    /// Forward and backward of one tile; returns its part of the loss.
    private func add(
        _ sites: ArraySlice<SampleSite>, of total: Int, _ weights: FrozenWeights<Scalar>, _ threshold: Double, piece: Int
    ) -> Double {
        let tile = tiles[piece]
        let columns = NetworkTile<Scalar>.columns
        for (column, sample) in sites.enumerated() {
            encoded[sample.configuration].withUnsafeBufferPointer { field in
                tile.gather(gather, from: field.baseAddress!, count: 1, firstColumn: column) { _ in sample.site }
            }
        }
        tile.forward(weights, count: sites.count)
        let components = targets[0].componentCount
        let weight = 1 / Double(total * components)
        var loss = 0.0
        for component in 0..<components {
            let row = tile.output + component * columns
            for (column, sample) in sites.enumerated() {
                let target = targets[sample.configuration].values[sample.site * components + component] / weights.outputScale
                let error = Double(row[column]) - target
                if threshold > 0, abs(error) > threshold {
                    loss += weight * threshold * (2 * abs(error) - threshold)
                    row[column] = Scalar(2 * weight * (error < 0 ? -threshold : threshold))
                } else {
                    loss += weight * error * error
                    row[column] = Scalar(2 * weight * error)
                }
            }
            (row + sites.count).update(repeating: 0, count: columns - sites.count)
        }
        tile.backward(weights, into: gradients[piece])
        return loss
    }

    /// Adds the pieces in order and carries expanded gradients back to parameters.
    private func collectGradient(pieces: Int) -> [Double] {
        var gradient = [Double](repeating: 0, count: network.layout.count)
        gradient.withUnsafeMutableBufferPointer { gradient in
            // Every expanded weight belongs to at most one parameter, so ranges of weights write to different places.
            nonisolated(unsafe) let (gradient, this) = (gradient, self)
            for (l, layer) in network.layers.enumerated() {
                let first = network.firstWeight[l]
                let ranges = WorkerPool.ranges(count: layer.expansion.count, size: 16_384)
                pool.forEach(count: ranges.count) { range, _ in
                    layer.expansion.withUnsafeBufferPointer { expansion in
                        for k in ranges[range] where expansion[k] >= 0 {
                            var sum = 0.0
                            for piece in 0..<pieces { sum += Double(this.gradients[piece].layers[l][k]) }
                            gradient[first + Int(expansion[k])] = sum
                        }
                    }
                }
            }
            for (l, gate) in network.gates.enumerated() {
                for k in 0..<gate.channels.multiplicities.reduce(0, +) {
                    for piece in 0..<pieces { gradient[network.firstBias[l] + k] += Double(gradients[piece].biases[l][k]) }
                }
            }
        }
        return gradient
    }
}
