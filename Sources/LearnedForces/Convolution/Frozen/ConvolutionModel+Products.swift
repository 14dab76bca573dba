extension ConvolutionModel {
    /// Multiply–adds of the matrix products between equal irreps alone, for one site: what a rate of arithmetic should count.
    public var productMultiplyAdds: Int {
        network.averaged.count
            * network.layers.reduce(0) { sum, layer in
                let (shape, outputs) = (layer.shape, layer.shape.outputs)
                return sum
                    + outputs.multiplicities.indices.reduce(0) {
                        $0 + outputs.dimensions[$1] * outputs.multiplicities[$1] * shape.weightColumns($1)
                    }
            }
    }
}
