import LatticeNumerics

/// Parameters in the form the kernels read: expanded weights of every layer, biases, and the scaled basis, in one precision.
struct FrozenWeights<Scalar: NetworkScalar>: Sendable {
    let layers: [[Scalar]]
    let biases: [[Scalar]]
    let basis: [Scalar]
    let outputScale: Double

    init(_ network: FullyConnectedNetwork, parameters: [Double]) {
        precondition(parameters.count == network.layout.count, "\(network.layout.count) parameters")
        layers = network.layers.enumerated().map { l, layer in
            let first = network.firstWeight[l]
            return layer.expansion.map { $0 < 0 ? 0 : Scalar(parameters[first + Int($0)]) }
        }
        biases = network.gates.enumerated().map { l, gate in
            let first = network.firstBias[l]
            return (0..<gate.channels.multiplicities.reduce(0, +)).map { Scalar(parameters[first + $0]) }
        }
        basis = network.scaledBasis.map { Scalar($0) }
        outputScale = network.outputScale
    }
}
