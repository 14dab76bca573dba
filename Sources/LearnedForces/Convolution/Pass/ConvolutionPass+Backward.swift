extension ConvolutionPass {
    /// Adds dL/dθ, θ the effective weights and the logarithms of the scales, after ``forward(_:at:baseline:)`` of a direct head.
    ///
    /// - Parameters:
    ///   - slopes: dL/df of every site.
    ///   - gradient: in the places of the parameters.
    @inline(__always) func backward(
        _ weights: ConvolutionWeights<Scalar>, slopes: [Scalar], addingTo gradient: UnsafeMutablePointer<Scalar>
    ) {
        let last = featureGradients.last!
        last.clear()
        forEachHeadRow { row, weight in
            let (h, target) = (features.last![row], last[row])
            let value = weights.values[weight]
            var sum = Scalar.zero
            slopes.withUnsafeBufferPointer { slopes in
                grid.places.withUnsafeBufferPointer { places in
                    for site in 0..<places.count {
                        sum += slopes[site] * h[places[site]]
                        target[places[site]] = slopes[site] * value
                    }
                }
            }
            gradient[weight] += sum
        }
        let learned = !network.siteScales.isEmpty || !network.pairScales.isEmpty
        backward(weights, toInputs: learned, weightGradient: gradient)
        if learned {
            encoder.addScaleGradient(
                featureGradients[0], weights, displacement: displacement[0], at: features[0], pairs: pairs, scratch: scratchRow,
                site: gradient + network.siteScales.lowerBound, pair: gradient + network.pairScales.lowerBound)
        }
    }

    /// f = −de/dQ of every site, in units of the output scale, after ``forward(_:at:baseline:)`` of a conservative head.
    @inline(__always) func conservativeForces(_ weights: ConvolutionWeights<Scalar>) -> [Double] {
        let last = featureGradients.last!
        last.clear()
        forEachHeadRow { row, weight in
            let (h, target) = (features.last![row], last[row])
            let twice = 2 * weights.values[weight]
            for place in grid.places { target[place] = twice * h[place] }
        }
        backward(weights, toInputs: true, weightGradient: nil)
        encoder.displacementGradient(
            featureGradients[0], weights, at: features[0], pairs: pairs, into: displacementGradient, scratch: scratchRow)
        return grid.places.map { -Double(displacementGradient[0][$0]) }
    }

    /// From the gradient of the last features to those of all features; ``Layer/mixed`` is left as the gradient of y.
    @inline(__always) private func backward(
        _ weights: ConvolutionWeights<Scalar>, toInputs: Bool, weightGradient: UnsafeMutablePointer<Scalar>?
    ) {
        weights.values.withUnsafeBufferPointer { values in
            for (l, layer) in layers.enumerated().reversed() {
                let (x, h) = (featureGradients[l], featureGradients[l + 1])
                switch layer.activation {
                case .pointwise(let activation): activation.linearized(h.base, layer.mixed.base, tanh: layer.saved.base)
                case .norm(let activation): activation.linearized(h.base, layer.mixed.base, y: layer.saved.base)
                }
                if let weightGradient {
                    layer.convolution.addWeightGradient(layer.mixed.base, features[l].base, to: weightGradient, scratch: scratch)
                }
                guard l > 0 || toInputs else { continue }
                x.clear()
                addResidualAdjoint(layer.layer, from: h, to: x)
                layer.convolution.applyAdjoint(layer.mixed.base, addingTo: x.base, scratch: scratch)
                grid.foldHalo(x.base, rows: x.count)
            }
        }
    }
}
