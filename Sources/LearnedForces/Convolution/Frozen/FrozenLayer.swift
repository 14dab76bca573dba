/// One stage of a frozen network as steps for a strip of sites: combine what stands in the neighbourhood, multiply by packed
/// weights, transform to where the nonlinearity acts, apply it, transform to the result.
///
/// A convolution has all of them; the inputs have no products, the head is one combination.
struct FrozenLayer: Sendable {
    /// Rows that are read and written.
    let inputRows: Int
    let outputRows: Int
    /// The largest |offset| along each direction.
    let reach: [Int]
    let combinations: [LinearMap]
    let products: [Product]
    let transform: [LinearMap]
    let nonlinearity: Nonlinearity
    let results: [LinearMap]
    /// Rows of scratch memory.
    let scratchRows: Int

    /// One matrix product: scratch rows in, scratch rows out.
    struct Product: Sendable {
        let panel: WeightPanel
        let inputRow: Int
        let outputRow: Int
    }

    /// A function of scratch rows, in place.
    enum Nonlinearity: Sendable {
        case none
        /// tanh of every row.
        case tanh(Range<Int>)
        /// y/√(1 + |y|²) with the norm over the components of an irrep, which stand `step` rows apart.
        case norm([NormBlock])
    }

    /// The channels of one irrep.
    struct NormBlock: Sendable {
        let row: Int
        let channels: Int
        let components: Int
        let step: Int
    }
}

extension FrozenLayer {
    /// A hidden layer.
    ///
    /// - Parameters:
    ///   - weights: effective weights in the places of the parameters.
    ///   - regular: the Fourier transform of regular fields.
    ///   - needed: irreps of the result that are read.
    init(_ layer: ConvolutionLayer, weights: [Double], regular: RegularRepresentation?, needed: [Int]) {
        let (shape, outputs) = (layer.shape, layer.shape.outputs)
        inputRows = shape.inputs.rowCount
        outputRows = outputs.rowCount
        reach = Self.reach(shape.offsets)
        var scratch = ScratchRows()
        let blocks = outputs.multiplicities.indices.flatMap { irrep in
            (0..<(outputs.multiplicities[irrep] > 0 ? outputs.dimensions[irrep] : 0)).map { Block(irrep: irrep, component: $0) }
        }
        let combined = blocks.map { scratch.take(shape.weightColumns($0.irrep)) }
        combinations = shape.inputs.multiplicities.indices.flatMap { input in
            Self.combinations(shape, of: input, blocks: blocks, into: combined)
        }
        let padded = blocks.map { WeightPanel.paddedRows(outputs.multiplicities[$0.irrep]) }
        let mixed = padded.map { scratch.take($0) }
        products = blocks.indices.map { b in
            let irrep = blocks[b].irrep
            let columns = shape.weightColumns(irrep)
            let first = layer.weights[irrep].lowerBound
            let matrix = (0..<outputs.multiplicities[irrep]).map { row in
                (0..<columns).map { weights[first + row * columns + $0] }
            }
            return Product(panel: WeightPanel(matrix), inputRow: combined[b], outputRow: mixed[b])
        }

        let origin = shape.offsets[0].map { _ in 0 }
        /// Where a row of the result comes from and goes to.
        func result(_ block: Block, copy: Int, channels: Int) -> (place: LinearMap.Place, kept: LinearMap.Place?) {
            let row = outputs.row(block.irrep, block.component) + copy * channels
            let input = shape.inputs.row(block.irrep, block.component) + copy * channels
            let kept = layer.residualIrreps.contains(block.irrep) ? LinearMap.Place.input(row: input, cell: origin) : nil
            return (.output(row: row), kept)
        }
        switch layer.activation {
        case .regular(let channels):
            let regular = regular!
            let order = regular.order
            let features = zip(blocks, mixed).flatMap { block, row in
                (0..<outputs.dimensions[block.irrep]).map { (block: block, copy: $0, row: row + $0 * channels) }
            }
            let values = scratch.take(order * channels)
            let places = (0..<order).map { LinearMap.Place.scratch(row: values + $0 * channels) }
            func entry(_ g: Int, _ feature: Int) -> Double {
                let (block, copy, _) = features[feature]
                return regular.matrix[g * order + regular.column(block.irrep, block.component, copy)]
            }
            transform = LinearMap.maps(
                forms: (0..<order).map { g in LinearMap.form(features.indices.map { entry(g, $0) }) },
                of: features.map { .scratch(row: $0.row) }, into: places, channels: channels)
            nonlinearity = .tanh(values..<values + order * channels)
            let read = features.indices.filter { needed.contains(features[$0].block.irrep) }
            let targets = read.map { result(features[$0].block, copy: features[$0].copy, channels: channels) }
            results = LinearMap.maps(
                forms: read.map { feature in LinearMap.form((0..<order).map { entry($0, feature) }) }, of: places,
                into: targets.map(\.place), adding: targets.map(\.kept), channels: channels)
        case .norm, .pointwise:
            transform = []
            nonlinearity =
                if layer.activation == .pointwise {
                    .tanh(mixed[0]..<mixed[0] + padded[0])
                } else {
                    .norm(
                        blocks.indices.filter { blocks[$0].component == 0 }.map { b in
                            NormBlock(
                                row: mixed[b], channels: outputs.multiplicities[blocks[b].irrep],
                                components: outputs.dimensions[blocks[b].irrep], step: padded[b])
                        })
                }
            results = zip(blocks, mixed).filter { needed.contains($0.0.irrep) }.flatMap { block, row in
                let channels = outputs.multiplicities[block.irrep]
                let (place, kept) = result(block, copy: 0, channels: channels)
                return LinearMap.maps(
                    forms: [[0: 1]], of: [.scratch(row: row)], into: [place], adding: [kept], channels: channels)
            }
        }
        scratchRows = scratch.count
    }
}

extension FrozenLayer {
    /// A component of an irrep of a layer's result.
    private struct Block {
        let irrep: Int
        let component: Int
    }

    /// The adapted copies that are made of one input irrep, for all blocks of the result; copies of a block follow one another.
    private static func combinations(
        _ shape: ConvolutionShape, of input: Int, blocks: [Block], into combined: [Int]
    ) -> [LinearMap] {
        let dimension = shape.inputs.dimensions[input]
        var forms: [[Int: Double]] = []
        var results: [LinearMap.Place] = []
        for (block, row) in zip(blocks, combined) {
            var column = 0
            for copy in shape.copies[block.irrep] {
                if copy.input == input {
                    forms.append(
                        copy.rows[block.component].reduce(into: [:]) {
                            $0[$1.offset * dimension + $1.component, default: 0] += $1.coefficient
                        })
                    results.append(.scratch(row: row + column))
                }
                column += shape.inputs.multiplicities[copy.input]
            }
        }
        let variables = shape.offsets.flatMap { cell in
            (0..<dimension).map { LinearMap.Place.input(row: shape.inputs.row(input, $0), cell: cell) }
        }
        return LinearMap.maps(forms: forms, of: variables, into: results, channels: shape.inputs.multiplicities[input])
    }

    /// The largest |offset| along each direction.
    static func reach(_ offsets: [[Int]]) -> [Int] {
        offsets[0].indices.map { d in offsets.map { abs($0[d]) }.max()! }
    }
}

/// Rows of scratch memory, handed out one after the other.
struct ScratchRows {
    private(set) var count = 0

    /// The first of so many new rows.
    mutating func take(_ rows: Int) -> Int {
        defer { count += rows }
        return count
    }
}
