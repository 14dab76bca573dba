import Lattices

/// One configuration on its way through a convolutional network, forward and backward; memory for one supercell, allotted once.
final class ConvolutionPass<Scalar: ConvolutionScalar> {
    let network: ConvolutionNetwork
    let grid: PaddedGrid
    /// Q with its halo.
    let displacement: FeatureRows<Scalar>
    let encoder: InputEncoder<Scalar>
    let layers: [Layer]
    /// h⁰ … hᴸ.
    let features: [FeatureRows<Scalar>]
    /// dL/dh of a direct head, de/dh of a conservative one; empty for a pass that only goes forward.
    let featureGradients: [FeatureRows<Scalar>]
    let pairs: FeatureRows<Scalar>
    let scratchRow: FeatureRows<Scalar>
    let scratch: UnsafeMutablePointer<Scalar>
    /// dL/dQ.
    let displacementGradient: FeatureRows<Scalar>

    /// One layer with its intermediate values.
    struct Layer {
        let layer: ConvolutionLayer
        let convolution: GridConvolution<Scalar>
        let activation: Activation
        /// y of a norm activation, tanh on the group elements of a pointwise one.
        let saved: FeatureRows<Scalar>
        /// y, and for a backward pass dL/dy.
        let mixed: FeatureRows<Scalar>
    }

    enum Activation {
        case pointwise(PointwiseActivation<Scalar>)
        case norm(NormActivation<Scalar>)
    }

    init(_ network: ConvolutionNetwork, _ supercell: Supercell, backward: Bool) {
        let reach = ([network.inputs.reach] + network.layers.map(\.shape.reach)).max()!
        let grid = PaddedGrid(supercell, halo: reach)
        self.network = network
        self.grid = grid
        displacement = FeatureRows(1, on: grid)
        encoder = InputEncoder(network.inputs, on: grid)
        let layers = network.layers.map { layer in
            let activation: Activation =
                switch layer.activation {
                case .regular(let channels): .pointwise(PointwiseActivation(network.regular, channels: channels, on: grid))
                case .pointwise: .pointwise(PointwiseActivation(nil, channels: layer.shape.outputs.rowCount, on: grid))
                case .norm: .norm(NormActivation(layer.shape.outputs, on: grid))
                }
            return Layer(
                layer: layer, convolution: GridConvolution(layer.shape, weights: layer.weights, on: grid), activation: activation,
                saved: FeatureRows(layer.shape.outputs.rowCount, on: grid),
                mixed: FeatureRows(layer.shape.outputs.rowCount, on: grid))
        }
        self.layers = layers
        let rows = [network.inputs.channels.rowCount] + network.layers.map(\.shape.outputs.rowCount)
        features = rows.map { FeatureRows($0, on: grid) }
        featureGradients = backward ? rows.map { FeatureRows($0, on: grid) } : []
        pairs = FeatureRows(encoder.pairRows, on: grid)
        scratchRow = FeatureRows(1, on: grid)
        displacementGradient = FeatureRows(backward ? 1 : 0, on: grid)
        scratch = .allocate(capacity: layers.map(\.convolution.scratchCount).max()!)
    }

    deinit { scratch.deallocate() }

    /// h⁰ … hᴸ of a configuration.
    ///
    /// - Parameter baseline: the baseline's channels, [channel][site].
    @inline(__always) func forward(_ weights: ConvolutionWeights<Scalar>, at configuration: [Double], baseline: [[Double]]) {
        grid.scatter(configuration, to: displacement[0])
        encoder.encode(displacement[0], weights, baseline: baseline, into: features[0], pairs: pairs)
        weights.values.withUnsafeBufferPointer { values in
            for (l, layer) in layers.enumerated() {
                let (x, h) = (features[l], features[l + 1])
                layer.convolution.setWeights(values.baseAddress!)
                switch layer.activation {
                case .pointwise(let activation):
                    layer.convolution.apply(x.base, layer.mixed.base, scratch: scratch)
                    activation.forward(layer.mixed.base, h.base, tanh: layer.saved.base)
                case .norm(let activation):
                    layer.convolution.apply(x.base, layer.saved.base, scratch: scratch)
                    activation.forward(layer.saved.base, h.base)
                }
                addResidual(layer.layer, from: x, to: h)
                if l + 1 < layers.count { grid.fillHalo(h.base, rows: h.count) }
            }
        }
    }

    /// f of every site, in units of the output scale: that of a direct head.
    func directForces(_ weights: ConvolutionWeights<Scalar>) -> [Double] {
        var forces = [Double](repeating: 0, count: grid.places.count)
        forEachHeadRow { row, weight in
            let (h, value) = (features.last![row], weights.values[weight])
            for (site, place) in grid.places.enumerated() { forces[site] += Double(value * h[place]) }
        }
        return forces
    }

    /// e, in units of the output scale.
    func energy(_ weights: ConvolutionWeights<Scalar>) -> Double {
        var energy = 0.0
        forEachHeadRow { row, weight in
            let values = features.last![row]
            var square = 0.0
            for place in grid.places { square += Double(values[place]) * Double(values[place]) }
            energy += Double(weights.values[weight]) * square
        }
        return energy
    }

    /// Calls `body(row of the last features, place of its weight)` for every row that a head reads.
    @inline(__always) func forEachHeadRow(_ body: (Int, Int) -> Void) {
        let channels = network.features
        for (irrep, range) in network.head.enumerated() {
            for component in 0..<(range.isEmpty ? 0 : channels.dimensions[irrep]) {
                for (c, weight) in range.enumerated() { body(channels.row(irrep, component) + c, weight) }
            }
        }
    }

    /// to += from in the irreps of the residual connection.
    @inline(__always) func addResidual(_ layer: ConvolutionLayer, from x: FeatureRows<Scalar>, to h: FeatureRows<Scalar>) {
        add(layer, from: x, layer.shape.inputs, to: h, layer.shape.outputs)
    }

    /// The adjoint: xGradient += hGradient.
    @inline(__always) func addResidualAdjoint(_ layer: ConvolutionLayer, from h: FeatureRows<Scalar>, to x: FeatureRows<Scalar>) {
        add(layer, from: h, layer.shape.outputs, to: x, layer.shape.inputs)
    }

    @inline(__always) private func add(
        _ layer: ConvolutionLayer, from source: FeatureRows<Scalar>, _ sourceChannels: IrrepChannels,
        to target: FeatureRows<Scalar>, _ targetChannels: IrrepChannels
    ) {
        for irrep in layer.residualIrreps {
            for row in 0..<targetChannels.multiplicities[irrep] * targetChannels.dimensions[irrep] {
                let from = source[sourceChannels.row(irrep, 0) + row]
                let to = target[targetChannels.row(irrep, 0) + row]
                for place in stride(from: grid.origin, to: grid.origin + grid.columns, by: 16) {
                    store(load(from, place) + load(to, place), to, place)
                }
            }
        }
    }
}
