extension ConvolutionModel {
    /// One layer as a plain convolution, y[row](r) = Σ kernel[row][input row][offset] x[input row](r + offset).
    package struct PlainLayer {
        /// Relative cells.
        package let offsets: [[Int]]
        package let kernel: [[[Double]]]
        /// Rows of y and h between which a residual connection adds x: all of them or none, for regular fields.
        package let isResidual: Bool
    }

    /// All layers as other programs would write them: regular fields as numbers on the operations of the group, row g·C + c, on
    /// which the activation is tanh; the inputs and other fields sorted by irrep.
    ///
    /// For layers of regular fields the kernel is a group convolution: a function of g⁻¹h and g⁻¹(offset) for rows g·C + c and
    /// input rows h·C + c'.
    package func plainLayers(_ parameters: [Double], conditions: Conditions) -> [PlainLayer] {
        let weights = ConvolutionWeights<Double>(network, parameters: parameters, scales: scales, conditions: conditions)
        return network.layers.enumerated().map { l, layer in
            var kernel = layer.shape.kernel(weights: layer.weights.map { Array(weights.values[$0]) })
            if case .regular = layer.activation, let regular = network.regular {
                kernel = regular.mixed(kernel)
                if l > 0 { kernel = regular.mixed(kernel.transposed).transposed }
            }
            return PlainLayer(offsets: layer.shape.offsets, kernel: kernel, isResidual: !layer.residualIrreps.isEmpty)
        }
    }

    /// Weights of a direct head on the rows of the last of ``plainLayers(_:conditions:)``.
    package func plainHead(_ parameters: [Double], conditions: Conditions) -> [Double] {
        let weights = ConvolutionWeights<Double>(network, parameters: parameters, scales: scales, conditions: conditions)
        var rows = [Double](repeating: 0, count: network.features.rowCount)
        for (c, k) in network.head[network.trivial].enumerated() {
            rows[network.features.row(network.trivial, 0) + c] = weights.values[k] * scales.output
        }
        guard case .regular = network.layers.last!.activation, let regular = network.regular else { return rows }
        return regular.mixed(rows.map { [[$0]] }).map { $0[0][0] }
    }
}

extension RegularRepresentation {
    /// Rows sorted by irrep to rows on the operations of the group.
    fileprivate func mixed(_ rows: [[[Double]]]) -> [[[Double]]] {
        let channels = rows.count / order
        return rows.indices.map { row in
            let (g, c) = row.quotientAndRemainder(dividingBy: channels)
            return rows[0].indices.map { column in
                rows[0][0].indices.map { k in
                    (0..<order).reduce(0) { $0 + matrix[g * order + $1] * rows[$1 * channels + c][column][k] }
                }
            }
        }
    }
}

extension [[[Double]]] {
    /// The first two indices exchanged.
    fileprivate var transposed: [[[Double]]] { self[0].indices.map { column in map { $0[column] } } }
}
