/// A row of numbers from which the inputs of a frozen network are made.
enum FrozenSource: Sendable {
    /// Q, in the unit of a scale of the site encodings or of the pair encodings, or in its own.
    case site(scale: Int)
    case pair(scale: Int)
    case displacement
    /// A channel of the baseline.
    case baseline(channel: Int)
    case chemicalPotential

    /// All rows of a network in their order.
    static func all(_ inputs: ConvolutionInputs) -> [FrozenSource] {
        (inputs.siteScales == 0 ? [.displacement] : (0..<inputs.siteScales).map { .site(scale: $0) })
            + (0..<inputs.pairScales).map { .pair(scale: $0) } + (0..<inputs.baselineChannels).map { .baseline(channel: $0) }
            + (inputs.hasChemicalPotential ? [.chemicalPotential] : [])
    }
}
