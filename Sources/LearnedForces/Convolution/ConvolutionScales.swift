import Electrons

/// The units of a convolutional network's inputs, conditions and output, found from data.
struct ConvolutionScales: Sendable, Equatable {
    /// The root mean square of each input channel, counted over all irreps; weights of the first layer are divided by it.
    var inputs: [Double]
    /// The unit of the force.
    var output = 1.0
    /// The mean and the standard deviation of each scaling condition.
    var conditionMeans: [Double]
    var conditionDeviations: [Double]

    /// Scales of 1.
    init(_ network: ConvolutionNetwork) {
        inputs = [Double](repeating: 1, count: network.inputs.channels.multiplicities.reduce(0, +))
        let count = network.architecture.scalingConditions.count
        conditionMeans = [Double](repeating: 0, count: count)
        conditionDeviations = [Double](repeating: 1, count: count)
    }

    /// (p − p̄)/σ_p of each scaling condition.
    func deviations(_ conditions: Conditions, of architecture: ConvolutionArchitecture) -> [Double] {
        architecture.scalingConditions.enumerated().map { index, condition in
            (condition.value(conditions) - conditionMeans[index]) / conditionDeviations[index]
        }
    }

    /// The names under which model files keep the scales.
    var constants: [String: [Double]] {
        get {
            [
                "input.scale": inputs, "output.scale": [output], "condition.mean": conditionMeans,
                "condition.deviation": conditionDeviations,
            ]
        }
        set {
            // An array of another length is that of another architecture: what is known stays.
            func value(_ name: String, _ count: Int) -> [Double]? { newValue[name].flatMap { $0.count == count ? $0 : nil } }
            inputs = value("input.scale", inputs.count) ?? inputs
            output = value("output.scale", 1)?[0] ?? output
            conditionMeans = value("condition.mean", conditionMeans.count) ?? conditionMeans
            conditionDeviations = value("condition.deviation", conditionDeviations.count) ?? conditionDeviations
        }
    }
}

extension ConvolutionArchitecture.Condition {
    /// The value of the parameter; ``ConvolutionModel/validate(_:)-(Conditions)`` has seen that it is given.
    func value(_ conditions: Conditions) -> Double { conditions[rawValue] ?? 0 }
}
