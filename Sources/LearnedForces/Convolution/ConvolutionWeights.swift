import Foundation

/// The parameters of a convolutional network for given conditions, in the form that forward and backward passes read.
///
/// Conditions and the units of inputs multiply weights, so they cost nothing where the weights are used:
///
///     effective[row, column] = θ[row, column] · (1 + Σ_p u[row, p] (p − p̄)/σ_p) / input scale[column]
struct ConvolutionWeights<Scalar: NetworkScalar>: Sendable {
    /// Effective weights in the places of the parameters.
    let values: [Scalar]
    /// 1/s of tanh(Q/s); empty where Q itself is the input.
    let siteFactors: [Scalar]
    /// g/(t·s) of tanh(g(Q_i − Q_j)/(t·s)).
    let pairFactors: [Scalar]
    /// μ, or 1 where particle–hole symmetry is not wanted.
    let chemicalPotential: Scalar

    init(_ network: ConvolutionNetwork, parameters: [Double], scales: ConvolutionScales, conditions: Conditions) {
        precondition(parameters.count == network.layout.count, "\(network.layout.count) parameters")
        var values = [Scalar](repeating: 0, count: parameters.count)
        let deviations = scales.deviations(conditions, of: network.architecture)
        for matrix in network.matrices {
            for row in 0..<matrix.rows {
                let factor = matrix.conditionFactor(row, parameters, deviations)
                for column in 0..<matrix.columns {
                    let k = matrix.range.lowerBound + row * matrix.columns + column
                    values[k] = Scalar(parameters[k] * factor / matrix.inputScale(column, scales))
                }
            }
        }
        self.values = values
        let architecture = network.architecture
        let siteScales = network.siteScales.isEmpty ? architecture.encodingScales : parameters[network.siteScales].map { exp($0) }
        let pairScales = network.pairScales.isEmpty ? architecture.pairScales : parameters[network.pairScales].map { exp($0) }
        siteFactors = siteScales.map { Scalar(1 / $0) }
        // A difference of zero stays zero, however small the hopping is.
        pairFactors = pairScales.map {
            Scalar(min(max((conditions["coupling"] ?? 1) / ((conditions["hopping"] ?? 1) * $0), -1e30), 1e30))
        }
        chemicalPotential = architecture.particleHole ? Scalar(conditions.reservoir.fixedChemicalPotential ?? 0) : 1
    }
}

extension ConvolutionNetwork.WeightMatrix {
    /// 1 + Σ_p u[row, p] (p − p̄)/σ_p.
    func conditionFactor(_ row: Int, _ parameters: [Double], _ deviations: [Double]) -> Double {
        deviations.indices.reduce(1) { $0 + parameters[conditions.lowerBound + row * deviations.count + $1] * deviations[$1] }
    }

    /// The unit of a column's input: 1 after the first layer.
    func inputScale(_ column: Int, _ scales: ConvolutionScales) -> Double { inputChannels.map { scales.inputs[$0[column]] } ?? 1 }
}

extension ConvolutionNetwork {
    /// Adds the gradient with respect to effective weights, for given conditions, to the gradient of the parameters.
    func addGradient<Scalar: NetworkScalar>(
        _ effective: UnsafePointer<Scalar>, to gradient: inout [Double], parameters: [Double], scales: ConvolutionScales,
        conditions: Conditions
    ) {
        let deviations = scales.deviations(conditions, of: architecture)
        for matrix in matrices {
            for row in 0..<matrix.rows {
                let factor = matrix.conditionFactor(row, parameters, deviations)
                var overlap = 0.0
                for column in 0..<matrix.columns {
                    let k = matrix.range.lowerBound + row * matrix.columns + column
                    let slope = Double(effective[k]) / matrix.inputScale(column, scales)
                    gradient[k] += slope * factor
                    overlap += slope * parameters[k]
                }
                for (p, deviation) in deviations.enumerated() {
                    gradient[matrix.conditions.lowerBound + row * deviations.count + p] += overlap * deviation
                }
            }
        }
        for k in siteScales { gradient[k] += Double(effective[k]) }
        for k in pairScales { gradient[k] += Double(effective[k]) }
    }
}
