/// The gradient of the forces of a conservative head with respect to the parameters.
///
/// With v = −dL/df, a function of the forces has dL/dθ = d/dθ (v·∂e/∂Q): the derivative of e along v is found by a forward pass
/// of dual numbers h + εḣ, and its gradient by reverse mode over that pass. The gradient with respect to ḣ is de/dh, which the
/// forces needed already.
final class DualPass<Scalar: ConvolutionScalar> {
    private let pass: ConvolutionPass<Scalar>
    private let direction: FeatureRows<Scalar>
    /// ḣ⁰ … ḣᴸ.
    private let tangents: [FeatureRows<Scalar>]
    /// ẏ of each layer.
    private let mixedTangents: [FeatureRows<Scalar>]
    /// Gradients with respect to h⁰ … hᴸ.
    private let gradients: [FeatureRows<Scalar>]
    /// Gradients with respect to y of each layer.
    private let mixedGradients: [FeatureRows<Scalar>]

    init(_ pass: ConvolutionPass<Scalar>) {
        self.pass = pass
        direction = FeatureRows(1, on: pass.grid)
        tangents = pass.features.map { FeatureRows($0.count, on: pass.grid) }
        gradients = pass.features.map { FeatureRows($0.count, on: pass.grid) }
        mixedTangents = pass.layers.map { FeatureRows($0.mixed.count, on: pass.grid) }
        mixedGradients = pass.layers.map { FeatureRows($0.mixed.count, on: pass.grid) }
    }

    /// Adds dL/dθ after ``ConvolutionPass/conservativeForces(_:)``.
    ///
    /// - Parameters:
    ///   - slopes: dL/df of every site.
    ///   - gradient: in the places of the parameters.
    @inline(__always) func backward(
        _ weights: ConvolutionWeights<Scalar>, slopes: [Double], addingTo gradient: UnsafeMutablePointer<Scalar>
    ) {
        pass.grid.scatter(slopes.map { -$0 }, to: direction[0])
        weights.values.withUnsafeBufferPointer { values in
            forward(weights, values.baseAddress!)
            reverse(values.baseAddress!, addingTo: gradient)
        }
        guard !pass.network.siteScales.isEmpty || !pass.network.pairScales.isEmpty else { return }
        let site = gradient + pass.network.siteScales.lowerBound
        let pair = gradient + pass.network.pairScales.lowerBound
        pass.encoder.addScaleGradient(
            gradients[0], weights, displacement: pass.displacement[0], at: pass.features[0], pairs: pass.pairs,
            scratch: pass.scratchRow, site: site, pair: pair)
        pass.encoder.addTangentScaleGradient(
            pass.featureGradients[0], weights, displacement: pass.displacement[0], tangent: direction[0], at: pass.features[0],
            pairs: pass.pairs, scratch: pass.scratchRow, site: site, pair: pair)
    }

    @inline(__always) private func forward(_ weights: ConvolutionWeights<Scalar>, _ values: UnsafePointer<Scalar>) {
        pass.encoder.encodeTangent(
            direction[0], weights, at: pass.features[0], pairs: pass.pairs, into: tangents[0], scratch: pass.scratchRow)
        for (l, layer) in pass.layers.enumerated() {
            let (x, h, y) = (tangents[l], tangents[l + 1], mixedTangents[l])
            layer.convolution.apply(x.base, y.base, scratch: pass.scratch)
            switch layer.activation {
            case .pointwise(let activation): activation.linearized(y.base, h.base, tanh: layer.saved.base)
            case .norm(let activation): activation.linearized(y.base, h.base, y: layer.saved.base)
            }
            pass.addResidual(layer.layer, from: x, to: h)
            if l + 1 < pass.layers.count { pass.grid.fillHalo(h.base, rows: h.count) }
        }
    }

    @inline(__always) private func reverse(_ values: UnsafePointer<Scalar>, addingTo gradient: UnsafeMutablePointer<Scalar>) {
        let last = gradients.last!
        last.clear()
        pass.forEachHeadRow { row, weight in
            let (h, tangent, target) = (pass.features.last![row], tangents.last![row], last[row])
            var sum = Scalar.zero
            for place in pass.grid.places {
                sum += 2 * h[place] * tangent[place]
                target[place] = 2 * values[weight] * tangent[place]
            }
            gradient[weight] += sum
        }
        let learned = !pass.network.siteScales.isEmpty || !pass.network.pairScales.isEmpty
        for (l, layer) in pass.layers.enumerated().reversed() {
            let (x, h, y) = (gradients[l], gradients[l + 1], mixedGradients[l])
            switch layer.activation {
            case .pointwise(let activation):
                activation.dualBackward(
                    h.base, tangent: mixedTangents[l].base, tangentGradient: layer.mixed.base, y.base, tanh: layer.saved.base)
            case .norm(let activation):
                activation.dualBackward(
                    h.base, tangent: mixedTangents[l].base, tangentGradient: pass.featureGradients[l + 1].base, y.base,
                    y: layer.saved.base)
            }
            layer.convolution.addWeightGradient(y.base, pass.features[l].base, to: gradient, scratch: pass.scratch)
            layer.convolution.addWeightGradient(layer.mixed.base, tangents[l].base, to: gradient, scratch: pass.scratch)
            guard l > 0 || learned else { continue }
            x.clear()
            pass.addResidualAdjoint(layer.layer, from: h, to: x)
            layer.convolution.applyAdjoint(y.base, addingTo: x.base, scratch: pass.scratch)
            pass.grid.foldHalo(x.base, rows: x.count)
        }
    }
}
