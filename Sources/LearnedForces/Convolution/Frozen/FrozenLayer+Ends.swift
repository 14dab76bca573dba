extension FrozenLayer {
    /// The inputs of a network from displacements, each in its unit (``FrozenSource``).
    init(_ inputs: ConvolutionInputs) {
        let sources = FrozenSource.all(inputs)
        inputRows = sources.count
        outputRows = inputs.channels.rowCount
        let origin = inputs.bonds[0].map { _ in 0 }
        reach = inputs.pairScales > 0 ? Self.reach(inputs.bonds) : origin.map { _ in 0 }
        var scratch = ScratchRows()
        let bonds = inputs.bonds.count
        let values = scratch.take(inputs.siteScales + inputs.pairScales * bonds)
        let pairs = values + inputs.siteScales
        func source(_ row: Int, _ cell: [Int]) -> LinearMap.Place { .input(row: row, cell: cell) }
        func maps(_ form: [Double], of variables: [LinearMap.Place], into result: LinearMap.Place) -> [LinearMap] {
            LinearMap.maps(forms: [LinearMap.form(form)], of: variables, into: [result], channels: 1)
        }

        var arguments = (0..<inputs.siteScales).flatMap { k in
            maps([1], of: [source(k, origin)], into: .scratch(row: values + k))
        }
        for scale in 0..<inputs.pairScales {
            let row = max(1, inputs.siteScales) + scale
            for (b, bond) in inputs.bonds.enumerated() {
                arguments += maps(
                    [1, -1], of: [source(row, origin), source(row, bond)], into: .scratch(row: pairs + scale * bonds + b))
            }
        }
        combinations = []
        products = []
        transform = arguments
        nonlinearity = .tanh(values..<scratch.count)

        var results: [LinearMap] = []
        if inputs.siteScales == 0 {
            results += maps([1], of: [source(0, origin)], into: .output(row: inputs.siteRow))
        }
        for k in 0..<inputs.siteScales {
            results += maps([1], of: [.scratch(row: values + k)], into: .output(row: inputs.siteRow + k))
        }
        for scale in 0..<inputs.pairScales {
            var forms: [[Int: Double]] = []
            var places: [LinearMap.Place] = []
            for (irrep, copies) in inputs.pairBasis.enumerated() {
                for (copy, components) in copies.enumerated() {
                    for (component, coefficients) in components.enumerated() {
                        forms.append(LinearMap.form(coefficients))
                        places.append(
                            .output(row: inputs.pairRow(scale: scale, irrep: irrep, copy: copy, component: component)))
                    }
                }
            }
            results += LinearMap.maps(
                forms: forms, of: (0..<bonds).map { .scratch(row: pairs + scale * bonds + $0) }, into: places, channels: 1)
        }
        for row in inputs.baselineRow..<inputs.baselineRow + inputs.baselineChannels + (inputs.hasChemicalPotential ? 1 : 0) {
            let first = max(1, inputs.siteScales) + inputs.pairScales
            results += maps([1], of: [source(first + row - inputs.baselineRow, origin)], into: .output(row: row))
        }
        self.results = results
        scratchRows = scratch.count
    }

    /// A direct head: one row, the sum of channels times weights.
    ///
    /// - Parameter row: the first channel.
    init(head weights: [Double], of features: IrrepChannels, row: Int, directions: Int) {
        inputRows = features.rowCount
        outputRows = 1
        let origin = [Int](repeating: 0, count: directions)
        reach = origin
        combinations = []
        products = []
        transform = []
        nonlinearity = .none
        results = LinearMap.maps(
            forms: [Dictionary(uniqueKeysWithValues: weights.enumerated().map { ($0.offset, $0.element) })],
            of: weights.indices.map { .input(row: row + $0, cell: origin) }, into: [.output(row: 0)], channels: 1)
        scratchRows = 0
    }
}
