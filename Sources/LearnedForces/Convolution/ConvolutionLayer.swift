import Lattices

/// One hidden layer: h = φ(convolution(x)), plus x in the irreps of ``residualIrreps``.
struct ConvolutionLayer: Sendable {
    /// The odd, equivariant function φ of the convolution's result y.
    enum Activation: Sendable, Equatable {
        /// tanh of the function on the group that y is the Fourier transform of, for so many regular channels.
        case regular(channels: Int)
        /// y/√(1 + |y|²) with the norm over an irrep's components.
        case norm
        /// tanh(y), for the trivial irrep.
        case pointwise
    }

    var shape: ConvolutionShape
    let activation: Activation
    /// Irreps of which x has as many channels as h: they are added.
    let residualIrreps: [Int]
    /// Where the weight matrix of each output irrep stands in the parameters; empty without channels.
    let weights: [Range<Int>]
}
