import LatticeNumerics
import Lattices

/// One tile of sites on its way through the network: every intermediate value and gradient, allocated once.
///
/// Columns are sites. A particle–hole-odd network puts Q in the first half of the columns and −Q in the second half.
final class NetworkTile<Scalar: NetworkScalar> {
    /// Columns of a tile: a multiple of ``SiteVectors/count`` that keeps features in the first-level cache.
    static var columns: Int { 128 }

    let network: FullyConnectedNetwork
    /// Sites that fit in one tile.
    let capacity: Int
    /// Gathered neighbourhoods of the encoded displacements, [encoding][value][column].
    let neighborhoods: UnsafeMutablePointer<Scalar>
    /// The force in units of the output scale, [component][column]; for the backward pass, dL/d(force).
    let output: UnsafeMutablePointer<Scalar>

    private let features: [UnsafeMutablePointer<Scalar>]
    private let mixed: [UnsafeMutablePointer<Scalar>]
    private let gradients: [UnsafeMutablePointer<Scalar>]
    private let scratch: UnsafeMutablePointer<Scalar>

    init(_ network: FullyConnectedNetwork, training: Bool) {
        self.network = network
        let columns = Self.columns
        capacity = network.options.particleHoleOdd ? columns / 2 : columns
        func allocate(_ rows: Int) -> UnsafeMutablePointer<Scalar> {
            let memory = UnsafeMutableRawPointer.allocate(
                byteCount: max(1, rows * columns) * MemoryLayout<Scalar>.stride, alignment: 64)
            return memory.initializeMemory(as: Scalar.self, repeating: 0, count: max(1, rows * columns))
        }
        neighborhoods = allocate(network.options.encodings * network.neighborhood.valueCount)
        features = network.layers.map { allocate($0.inputs.rowCount) }
        mixed = network.layers.map { allocate($0.outputs.rowCount) }
        output = mixed.last!
        gradients = training ? network.layers.map { allocate($0.inputs.rowCount) } : []
        let rows = network.layers.map(\.scratchRows).max()!
        scratch = allocate(training ? rows : 0)
    }

    deinit {
        for pointer in [neighborhoods, scratch] + features + mixed + gradients { pointer.deallocate() }
    }

    /// Reads the neighbourhoods of `count` sites from an encoded field, [encoding][site][component].
    @inline(__always)
    func gather(
        _ gather: NeighborGather, from encoded: UnsafePointer<Scalar>, count: Int, firstColumn: Int = 0, site: (Int) -> Int
    ) {
        let values = network.neighborhood.valueCount
        let fieldSize = gather.supercell.siteCount * gather.components
        for encoding in 0..<network.options.encodings {
            gather.fill(
                neighborhoods + encoding * values * Self.columns, columns: Self.columns, from: encoded + encoding * fieldSize,
                count: count, firstColumn: firstColumn, site: site)
        }
    }

    /// From ``neighborhoods`` of `count` sites to ``output``.
    func forward(_ weights: FrozenWeights<Scalar>, count: Int) {
        let columns = Self.columns
        let values = network.neighborhood.valueCount
        // Encodings are odd, so −Q has the opposite values.
        for k in 0..<network.options.encodings * values {
            let row = neighborhoods + k * columns
            (row + count).update(repeating: 0, count: capacity - count)
            if network.options.particleHoleOdd {
                for s in 0..<capacity { row[capacity + s] = -row[s] }
            }
        }
        for encoding in 0..<network.options.encodings {
            let encoded = neighborhoods + encoding * values * columns
            for irrep in network.algebra.irreps.indices {
                for component in 0..<network.algebra.dimensions[irrep] {
                    let block = network.inputBlock(irrep: irrep, component: component, encoding: encoding)
                    guard block.channels > 0 else { continue }
                    weights.basis.withUnsafeBufferPointer { basis in
                        Scalar.multiply(
                            rows: block.channels, columns: columns, inner: values, alpha: 1,
                            basis.baseAddress! + block.basisRow * values, leadingA: values, transposeA: false,
                            encoded, leadingB: columns, transposeB: false,
                            beta: 0, features[0] + block.inputRow * columns, leadingC: columns)
                    }
                }
            }
        }
        for (l, layer) in network.layers.enumerated() {
            layer.forward(weights: weights.layers[l], features[l], mixed[l], sites: columns)
            if l < network.gates.count {
                network.gates[l].forward(mixed[l], bias: weights.biases[l], features[l + 1], sites: columns)
            }
        }
        if network.options.particleHoleOdd {
            forEachOutputRow { row in
                for s in 0..<capacity { row[s] = (row[s] - row[capacity + s]) * (1 / 2) }
            }
        }
    }

    /// From dL/d(force) in ``output`` (zero in unused columns), after ``forward(_:count:)``, to gradients of the weights.
    func backward(_ weights: FrozenWeights<Scalar>, into gradient: WeightGradient<Scalar>) {
        let columns = Self.columns
        if network.options.particleHoleOdd {
            forEachOutputRow { row in
                for s in 0..<capacity {
                    row[s] *= 1 / 2
                    row[capacity + s] = -row[s]
                }
            }
        }
        for l in network.layers.indices.reversed() {
            let outputGradient = l == network.layers.count - 1 ? output : gradients[l + 1]
            if l < network.gates.count {
                network.gates[l].backward(
                    mixed[l], bias: weights.biases[l], gradient: outputGradient, biasGradient: gradient.biases[l], sites: columns)
            }
            network.layers[l].backward(
                weights: weights.layers[l], features[l], outputGradient: outputGradient, weightGradient: gradient.layers[l],
                inputGradient: gradients[l], scratch: scratch, sites: columns)
        }
    }

    private func forEachOutputRow(_ body: (UnsafeMutablePointer<Scalar>) -> Void) {
        for row in 0..<network.layers.last!.outputs.rowCount { body(output + row * Self.columns) }
    }
}

/// Gradients of the loss with respect to expanded weights and biases, summed over tiles.
final class WeightGradient<Scalar: NetworkScalar> {
    let layers: [UnsafeMutablePointer<Scalar>]
    let biases: [UnsafeMutablePointer<Scalar>]
    private let counts: [Int]

    init(_ network: FullyConnectedNetwork) {
        let weightCounts = network.layers.map(\.expansion.count)
        let biasCounts = network.gates.map { $0.channels.multiplicities.reduce(0, +) }
        layers = weightCounts.map { .allocate(capacity: $0) }
        biases = biasCounts.map { .allocate(capacity: $0) }
        counts = weightCounts + biasCounts
        reset()
    }

    deinit { for pointer in layers + biases { pointer.deallocate() } }

    func reset() {
        for (pointer, count) in zip(layers + biases, counts) { pointer.initialize(repeating: 0, count: count) }
    }
}
