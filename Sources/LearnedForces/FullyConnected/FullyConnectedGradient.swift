import Communication
import LatticeNumerics
import Lattices

extension FullyConnectedNetwork {
    /// The loss on any sites of the samples, in Float32 (`singlePrecision`) or Float64 arithmetic.
    public func lossGradient(_ samples: ForceSamples, singlePrecision: Bool, pool: WorkerPool) -> any LossGradient {
        singlePrecision ? BatchGradient<Float>(self, samples, pool: pool) : BatchGradient<Double>(self, samples, pool: pool)
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
    /// Of each configuration.
    private let gathers: [NeighborGather]
    private let tiles: [NetworkTile<Scalar>]
    private let gradients: [WeightGradient<Scalar>]

    init(_ network: FullyConnectedNetwork, _ samples: ForceSamples, pool: WorkerPool) {
        precondition(samples.count > 0, "at least one configuration")
        self.network = network
        encoded = samples.displacements.map { network.options.encoded($0) }
        targets = samples.forces
        self.pool = pool
        var known: [NeighborGather] = []
        gathers = samples.displacements.map { field in
            if let gather = known.first(where: { $0.supercell == field.supercell }) { return gather }
            known.append(NeighborGather(network.neighborhood, supercell: field.supercell))
            return known.last!
        }
        tiles = (0..<Self.pieces).map { _ in NetworkTile(network, training: true) }
        gradients = (0..<Self.pieces).map { _ in WeightGradient(network) }
    }

    // Called through a protocol: without these the kernels below would run unspecialised, a hundred times slower.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func evaluate(
        parameters: [Double], sites: [SampleSite], huberThreshold: Double, sum: OrderedSum
    ) -> (loss: Double, gradient: [Double]) {
        precondition(!sites.isEmpty, "a batch of at least one site")
        let weights = FrozenWeights<Scalar>(network, parameters: parameters)
        let tileRanges = WorkerPool.ranges(count: sites.count, size: tiles[0].capacity)
        let pieces = min(Self.pieces, tileRanges.count)
        let own = sum.share(of: pieces)
        var losses = [Double](repeating: 0, count: pieces)
        losses.withUnsafeMutableBufferPointer { losses in
            // Each piece touches its own tile, gradient and loss only.
            nonisolated(unsafe) let (losses, this) = (losses, self)
            pool.forEach(count: own.count) { index, _ in
                let piece = own.lowerBound + index
                this.gradients[piece].reset()
                let first = piece * tileRanges.count / pieces
                let last = (piece + 1) * tileRanges.count / pieces
                for range in tileRanges[first..<last] {
                    losses[piece] += this.add(sites[range], of: sites.count, weights, huberThreshold, piece: piece)
                }
            }
        }
        let count = network.layout.count
        var sums = [Double](repeating: 0, count: count + 1)
        sum.add(to: &sums) { sums in
            addGradients(own, to: &sums)
            for piece in own { sums[count] += losses[piece] }
        }
        return (sums[count], Array(sums.prefix(count)))
    }

    /// Forward and backward of one tile; returns its part of the loss.
    private func add(
        _ sites: ArraySlice<SampleSite>, of total: Int, _ weights: FrozenWeights<Scalar>, _ threshold: Double, piece: Int
    ) -> Double {
        let tile = tiles[piece]
        let columns = NetworkTile<Scalar>.columns
        for (column, sample) in sites.enumerated() {
            encoded[sample.configuration].withUnsafeBufferPointer { field in
                tile.gather(
                    gathers[sample.configuration], from: field.baseAddress!, count: 1, firstColumn: column
                ) { _ in sample.site }
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

    /// Adds pieces in order and carries expanded gradients back to parameters.
    private func addGradients(_ pieces: Range<Int>, to gradient: inout [Double]) {
        gradient.withUnsafeMutableBufferPointer { gradient in
            // Every expanded weight belongs to at most one parameter, so ranges of weights write to different places.
            nonisolated(unsafe) let (gradient, this) = (gradient, self)
            for (l, layer) in network.layers.enumerated() {
                let first = network.firstWeight[l]
                let ranges = WorkerPool.ranges(count: layer.expansion.count, size: 16_384)
                pool.forEach(count: ranges.count) { range, _ in
                    layer.expansion.withUnsafeBufferPointer { expansion in
                        for k in ranges[range] where expansion[k] >= 0 {
                            let parameter = first + Int(expansion[k])
                            for piece in pieces { gradient[parameter] += Double(this.gradients[piece].layers[l][k]) }
                        }
                    }
                }
            }
            for (l, gate) in network.gates.enumerated() {
                for k in 0..<gate.channels.multiplicities.reduce(0, +) {
                    for piece in pieces { gradient[network.firstBias[l] + k] += Double(gradients[piece].biases[l][k]) }
                }
            }
        }
    }
}
