import Lattices

/// A convolutional network on a lattice: shapes of all layers and places of all parameters.
///
/// Parameters: `input.site.logScale` and `input.pair.logScale` where scales are learned; for layer l from 1 and each irrep
/// `layer{l}.{irrep}.weight` of shape [channels, columns]; `head.{irrep}.weight`; with conditions, beside each `weight` a
/// `condition` of shape [channels, conditions].
struct ConvolutionNetwork: Sendable {
    let architecture: ConvolutionArchitecture
    let lattice: Lattice
    let irreps: [Irrep]
    /// The irrep of invariants.
    let trivial: Int
    /// The Fourier transform of regular fields.
    let regular: RegularRepresentation?
    private(set) var inputs: ConvolutionInputs
    private(set) var layers: [ConvolutionLayer]
    /// The operations whose images of the network are averaged: the identity, and if it is symmetrized one operation of each
    /// further coset of its symmetry.
    let averaged: [PointGroup.Operation]
    /// Weights of the head, by irrep: one for each channel of the last layer, of the trivial irrep alone in a direct head.
    ///
    /// Direct: f_i = Σ_c w_c h_c(i). Conservative: e = Σ_i Σ_{ρ,c} w_{ρ,c} |h_{ρ,c}(i)|², f = −∂e/∂Q.
    let head: [Range<Int>]
    let layout: ParameterLayout
    /// Every weight matrix, for what treats them alike.
    let matrices: [WeightMatrix]
    /// Where the logarithms of the scales stand; empty if they are not learned.
    let siteScales: Range<Int>
    let pairScales: Range<Int>

    /// A weight matrix among the parameters.
    struct WeightMatrix: Sendable {
        let range: Range<Int>
        let rows: Int
        let columns: Int
        /// Its conditions, [row][condition].
        let conditions: Range<Int>
        /// For the first layer, the input channel of each column, counted over all irreps.
        let inputChannels: [Int]?
        /// Standard deviation before training.
        let deviation: Double
    }

    init(_ architecture: ConvolutionArchitecture, lattice: Lattice) throws {
        try architecture.validate()
        try NetworkError.requireBonds(lattice)
        let whole = PointGroup(of: lattice)
        let group = architecture.symmetry.subgroup(of: whole)
        averaged = architecture.symmetrize == nil ? [whole.operations[0]] : whole.cosets(of: group)
        guard architecture.symmetrize == nil || averaged.count > 1 else {
            throw NetworkError(
                key: "network.symmetrize",
                problem:
                    "\"mean\" beside symmetry = \"\(architecture.symmetry.rawValue)\", which is all of the point group of the "
                    + "\(lattice.name) lattice already; leave the key out")
        }
        let irreps = group.irreps()
        let dimensions = irreps.map(\.dimension)
        let trivial = irreps.firstIndex { $0.isTrivial }!
        let regular = RegularRepresentation(irreps)
        guard regular != nil || architecture.fields == .scalar else {
            throw NetworkError(
                key: "network.fields",
                problem:
                    "\(architecture.fields.rawValue); the point group of the \(lattice.name) lattice has no mirrors, use scalar")
        }
        let first = try Neighborhood(lattice, group: group, radiusSquared: architecture.inputRadiusSquared)
        let other = try Neighborhood(lattice, group: group, radiusSquared: architecture.radiusSquared)
        let inputs = ConvolutionInputs(architecture, lattice: lattice, group: group, irreps: irreps, trivial: trivial)

        var layout = ParameterLayout()
        var matrices: [WeightMatrix] = []
        let conditionCount = architecture.scalingConditions.count
        func append(_ name: String, rows: Int, columns: Int, deviation: Double, inputChannels: [Int]? = nil) -> Range<Int> {
            let range = layout.append("\(name).weight", shape: [rows, columns])
            let conditions =
                conditionCount > 0
                ? layout.append("\(name).condition", shape: [rows, conditionCount]) : range.upperBound..<range.upperBound
            matrices.append(
                WeightMatrix(
                    range: range, rows: rows, columns: columns, conditions: conditions, inputChannels: inputChannels,
                    deviation: deviation))
            return range
        }
        let learned = architecture.learnedScales
        let siteCount = learned ? architecture.encodingScales.count : 0
        let pairCount = learned ? architecture.pairScales.count : 0
        siteScales = siteCount > 0 ? layout.append("input.site.logScale", shape: [siteCount]) : 0..<0
        pairScales = pairCount > 0 ? layout.append("input.pair.logScale", shape: [pairCount]) : 0..<0

        let channels =
            architecture.fields == .irreps
            ? Self.usefulChannels(architecture, irreps, from: inputs.channels, first: first, other: other) : []
        var features = inputs.channels
        var layers: [ConvolutionLayer] = []
        for (l, count) in architecture.channels.enumerated() {
            let (multiplicities, activation): ([Int], ConvolutionLayer.Activation) =
                switch architecture.fields {
                case .regular: (dimensions.map { count * $0 }, .regular(channels: count))
                case .irreps: (channels[l], .norm)
                case .scalar: (irreps.indices.map { $0 == trivial ? count : 0 }, .pointwise)
                }
            let outputs = IrrepChannels(multiplicities: multiplicities, dimensions: dimensions)
            let shape = ConvolutionShape(l == 0 ? first : other, irreps: irreps, inputs: features, outputs: outputs)
            let residual =
                architecture.residual && l > 0
                ? irreps.indices.filter { multiplicities[$0] > 0 && multiplicities[$0] == features.multiplicities[$0] } : []
            // Each of many layers adds less to the features, so that a deep network begins as sensitive as a shallow one.
            let share = l > 1 && !residual.isEmpty ? 1 / Double(architecture.channels.count - 1).squareRoot() : 1
            let channelStart = features.multiplicities.indices.map { features.multiplicities[..<$0].reduce(0, +) }
            let weights = irreps.indices.map { output -> Range<Int> in
                let columns = shape.weightColumns(output)
                guard columns * multiplicities[output] > 0 else { return 0..<0 }
                let sources = shape.copies[output].flatMap { copy in
                    (0..<features.multiplicities[copy.input]).map { channelStart[copy.input] + $0 }
                }
                return append(
                    "layer\(l + 1).\(irreps[output].name)", rows: multiplicities[output], columns: columns,
                    deviation: 1.5 * share / Double(columns).squareRoot(), inputChannels: l == 0 ? sources : nil)
            }
            layers.append(ConvolutionLayer(shape: shape, activation: activation, residualIrreps: residual, weights: weights))
            features = outputs
        }
        // A conservative force is steeper than the features, by about the narrowest encodings.
        let deviation =
            (architecture.head == .conservative ? 0.25 : 1) / Double(features.multiplicities.reduce(0, +)).squareRoot()
        head = irreps.indices.map { irrep in
            let count = features.multiplicities[irrep]
            guard count > 0 else { return 0..<0 }
            switch architecture.head {
            case .direct:
                return irrep == trivial
                    ? append("head.\(irreps[irrep].name)", rows: 1, columns: count, deviation: deviation) : 0..<0
            case .conservative: return append("head.\(irreps[irrep].name)", rows: count, columns: 1, deviation: deviation)
            }
        }
        self.architecture = architecture
        self.lattice = lattice
        self.irreps = irreps
        self.trivial = trivial
        self.regular = regular
        self.inputs = inputs
        self.layers = layers
        self.layout = layout
        self.matrices = matrices
    }

    /// The network moved by an operation g of the point group, with the same parameters: F_g(Q) = g F(g⁻¹Q).
    ///
    /// What a site has summed over its neighbours at cells r, the moved network sums over those at g(r).
    func moved(by operation: PointGroup.Operation) -> ConvolutionNetwork {
        var moved = self
        moved.inputs.bonds = inputs.bonds.map { operation.image(ofCell: $0).cell }
        for l in layers.indices {
            moved.layers[l].shape.offsets = layers[l].shape.offsets.map { operation.image(ofCell: $0).cell }
        }
        return moved
    }

    /// Channels of every irrep in each layer, except irreps that the inputs do not reach or the head does not see.
    private static func usefulChannels(
        _ architecture: ConvolutionArchitecture, _ irreps: [Irrep], from inputs: IrrepChannels, first: Neighborhood,
        other: Neighborhood
    ) -> [[Int]] {
        func couples(_ neighborhood: Neighborhood, _ input: Int, _ output: Int) -> Bool {
            // The times an irrep occurs, by characters.
            let times = neighborhood.permutations.enumerated().reduce(0.0) { sum, permutation in
                let fixed = permutation.element.enumerated().count { $0.offset == $0.element }
                let characters = irreps[input].characters[permutation.offset] * irreps[output].characters[permutation.offset]
                return sum + Double(fixed) * characters
            }
            return times > 0.5
        }
        let layers = architecture.channels.indices
        var reached: [[Bool]] = []
        for l in layers {
            let before = reached.last ?? inputs.multiplicities.map { $0 > 0 }
            reached.append(
                irreps.indices.map { output in
                    irreps.indices.contains { before[$0] && couples(l == 0 ? first : other, $0, output) }
                })
        }
        var seen = irreps.map { architecture.head == .conservative || $0.isTrivial }
        var channels: [[Int]] = []
        for l in layers.reversed() {
            channels.insert(irreps.indices.map { seen[$0] && reached[l][$0] ? architecture.channels[l] : 0 }, at: 0)
            seen = irreps.indices.map { input in irreps.indices.contains { seen[$0] && couples(other, input, $0) } }
        }
        return channels
    }

    /// Channels of the last layer.
    var features: IrrepChannels { layers.last!.shape.outputs }

    /// Sites along any direction from the force to the farthest displacement that it depends on.
    var reach: Int {
        let values = inputs.reach + layers.reduce(0) { $0 + $1.shape.reach }
        // The derivative of the energy of a site acts back over the same distance.
        return architecture.head == .conservative ? 2 * values : values
    }
}
