/// A ``ConvolutionShape`` on a ``PaddedGrid``: the convolution, its adjoint, and the gradient of its weights.
///
/// Works tile after tile of columns, and in a tile input irrep after input irrep and shell after shell: what ``Staging`` makes of
/// them is multiplied by the weights while it is in the cache.
final class GridConvolution<Scalar: NetworkScalar> {
    private let stages: [Stage]
    /// Output rows that nothing is added to: those of irreps that the inputs have no copy of.
    private let emptyRows: [Int]
    private let origin: Int
    private let columns: Int
    private let rowLength: Int
    /// Columns of a tile, for products and for the gradient of the weights.
    private let narrow: Int
    private let wide: Int
    /// Packed weights, [source][output] and [output][source] of each product.
    private let packed: UnsafeMutablePointer<Scalar>
    private let transposed: UnsafeMutablePointer<Scalar>
    /// Elements of the scratch memory that the methods need.
    let scratchCount: Int
    private let largestProduct: Int

    private struct Stage {
        let shifts: [Int]
        /// [function][offset].
        let functions: [[Scalar]]
        /// Rows of the input irrep.
        let inputs: Range<Int>
        let combinations: [Combination]
        let products: [Product]
        /// Rows that the adjoint of no product writes: they are sums.
        let summedRows: [Int]
        /// The own site alone: input rows are used where they stand.
        var isCenter: Bool { shifts == [0] && combinations.isEmpty }
    }

    private struct Combination {
        let firstRow: Int
        let channels: Int
        let terms: [Term]
    }

    private struct Term {
        let firstRow: Int
        let coefficient: Scalar
    }

    private struct Product {
        let firstRow: Int
        let channels: Int
        let sign: Scalar
        let outputRow: Int
        let outputs: Int
        /// Its first weight among the parameters, and the elements between rows of weights.
        let weights: Int
        let weightPitch: Int
        /// Its weights in the packed memory.
        let packed: Int
        /// No earlier product has written its outputs.
        let isFirst: Bool
    }

    /// - Parameter weights: where the matrix of each output irrep stands in the effective weights.
    init(_ shape: ConvolutionShape, weights: [Range<Int>], on grid: PaddedGrid) {
        let staging = Staging(shape)
        var written: Set<Int> = []
        var packedCount = 0
        stages = staging.stages.map { stage in
            let offsets = shape.shells[stage.shell]
            let products = stage.products.map { product -> Product in
                let outputs = shape.outputs.multiplicities[product.output]
                let row = shape.outputs.row(product.output, product.component)
                defer { packedCount += product.channels * outputs }
                return Product(
                    firstRow: product.firstRow, channels: product.channels, sign: Scalar(product.sign), outputRow: row,
                    outputs: outputs, weights: weights[product.output].lowerBound + product.firstColumn,
                    weightPitch: shape.weightColumns(product.output), packed: packedCount,
                    isFirst: written.insert(row).inserted)
            }
            let used = Set(products.flatMap { $0.firstRow..<$0.firstRow + $0.channels })
            return Stage(
                shifts: offsets.map { grid.shift(shape.offsets[$0]) },
                functions: stage.functions.map { shape.shellFunctions[stage.shell][$0][offsets].map { Scalar($0) } },
                inputs: stage.inputs,
                combinations: stage.combinations.map {
                    Combination(
                        firstRow: $0.firstRow, channels: stage.products[0].channels,
                        terms: $0.terms.map { Term(firstRow: $0.firstRow, coefficient: Scalar($0.coefficient)) })
                }, products: products, summedRows: (0..<stage.rowCount).filter { !used.contains($0) })
        }
        emptyRows = shape.outputs.multiplicities.indices.flatMap { output -> [Int] in
            let first = shape.outputs.row(output, 0)
            let count = shape.outputs.multiplicities[output] * shape.outputs.dimensions[output]
            return shape.copies[output].isEmpty ? Array(first..<first + count) : []
        }
        origin = grid.origin
        columns = grid.columns
        rowLength = grid.rowLength
        // The rows of a stage should stay in the first cache for products; the gradient sums over long rows.
        narrow = 64
        let count = (grid.columns + 319) / 320
        wide = (grid.columns + 16 * count - 1) / (16 * count) * 16
        let rows = staging.stages.map(\.rowCount).max() ?? 0
        largestProduct = stages.flatMap { $0.products.map { $0.channels * $0.outputs } }.max() ?? 0
        scratchCount = rows * max(narrow, wide) + largestProduct
        packed = .allocate(capacity: packedCount + 1)
        transposed = .allocate(capacity: packedCount + 1)
    }

    deinit {
        packed.deallocate()
        transposed.deallocate()
    }

    /// Takes the effective weights for what follows.
    @inline(__always)
    func setWeights(_ weights: UnsafePointer<Scalar>) {
        for stage in stages {
            for product in stage.products {
                for o in 0..<product.outputs {
                    let row = weights + (product.weights &+ o &* product.weightPitch)
                    for k in 0..<product.channels {
                        let value = row[k] * product.sign
                        transposed[product.packed &+ o &* product.channels &+ k] = value
                        packed[product.packed &+ k &* product.outputs &+ o] = value
                    }
                }
            }
        }
    }

    /// y = W·combinations(x), in all columns.
    @inline(__always)
    func apply(_ x: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>) {
        for row in emptyRows { (y + row * rowLength).update(repeating: 0, count: rowLength) }
        forEachTile(narrow) { first, width in
            for stage in stages {
                form(stage, x + first, scratch, width: width, pitch: narrow)
                for product in stage.products {
                    RowProduct.write(
                        packed + product.packed, sources(product, of: stage, x + first, scratch, pitch: narrow),
                        to: outputs(product, y + first), width: width, adding: !product.isFirst)
                }
            }
        }
    }

    /// xGradient += combinationsᵀ(Wᵀ·yGradient); yGradient is zero between the sites.
    @inline(__always)
    func applyAdjoint(
        _ yGradient: UnsafeMutablePointer<Scalar>, addingTo xGradient: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        forEachTile(narrow) { first, width in
            for stage in stages {
                for row in stage.summedRows { (scratch + row &* narrow).update(repeating: 0, count: width) }
                for product in stage.products {
                    // At the own site sources are the inputs themselves.
                    RowProduct.write(
                        transposed + product.packed, outputs(product, yGradient + first),
                        to: sources(product, of: stage, xGradient + first, scratch, pitch: narrow), width: width,
                        adding: stage.isCenter)
                }
                formAdjoint(stage, scratch, addingTo: xGradient + first, width: width, pitch: narrow)
            }
        }
    }

    /// weightGradient += yGradient·combinations(x)ᵀ; yGradient is zero between the sites.
    @inline(__always)
    func addWeightGradient(
        _ yGradient: UnsafeMutablePointer<Scalar>, _ x: UnsafeMutablePointer<Scalar>,
        to weightGradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {
        let overlaps = scratch + (scratchCount - largestProduct)
        forEachTile(wide) { first, width in
            for stage in stages {
                form(stage, x + first, scratch, width: width, pitch: wide)
                for product in stage.products {
                    RowProduct.overlaps(
                        outputs(product, yGradient + first), sources(product, of: stage, x + first, scratch, pitch: wide),
                        to: overlaps, width: width)
                    for o in 0..<product.outputs {
                        let row = weightGradient + (product.weights &+ o &* product.weightPitch)
                        for k in 0..<product.channels { row[k] += product.sign * overlaps[k &* product.outputs &+ o] }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func forEachTile(_ width: Int, _ body: (_ first: Int, _ width: Int) -> Void) {
        for column in stride(from: 0, to: columns, by: width) { body(origin + column, min(width, columns - column)) }
    }

    /// The rows that the weights of a product multiply.
    @inline(__always)
    private func sources(
        _ product: Product, of stage: Stage, _ x: UnsafeMutablePointer<Scalar>, _ scratch: UnsafeMutablePointer<Scalar>,
        pitch: Int
    ) -> RowBlock<Scalar> {
        stage.isCenter
            ? RowBlock(
                base: x + (stage.inputs.lowerBound &+ product.firstRow) &* rowLength, pitch: rowLength, count: product.channels)
            : RowBlock(base: scratch + product.firstRow &* pitch, pitch: pitch, count: product.channels)
    }

    @inline(__always)
    private func outputs(_ product: Product, _ y: UnsafeMutablePointer<Scalar>) -> RowBlock<Scalar> {
        RowBlock(base: y + product.outputRow &* rowLength, pitch: rowLength, count: product.outputs)
    }

    /// The rows of a stage.
    @inline(__always)
    private func form(_ stage: Stage, _ x: UnsafePointer<Scalar>, _ rows: UnsafeMutablePointer<Scalar>, width: Int, pitch: Int) {
        if stage.isCenter { return }
        if stage.shifts.count == 4, stage.functions.count == 4 {
            formFour(stage, x, rows, width: width, pitch: pitch)
        } else {
            for (f, function) in stage.functions.enumerated() {
                for (k, shift) in stage.shifts.enumerated() {
                    let coefficient = SIMD16(repeating: function[k])
                    for row in 0..<stage.inputs.count {
                        let source = x + ((stage.inputs.lowerBound &+ row) &* rowLength &+ shift)
                        let target = rows + (f &* stage.inputs.count &+ row) &* pitch
                        for column in stride(from: 0, to: width, by: 16) {
                            var sum = k == 0 ? SIMD16<Scalar>.zero : load(target, column)
                            sum.addProduct(load(source, column), coefficient)
                            store(sum, target, column)
                        }
                    }
                }
            }
        }
        for combination in stage.combinations {
            for (k, term) in combination.terms.enumerated() {
                let coefficient = SIMD16(repeating: term.coefficient)
                for channel in 0..<combination.channels {
                    let target = rows + (combination.firstRow &+ channel) &* pitch
                    let source = rows + (term.firstRow &+ channel) &* pitch
                    for column in stride(from: 0, to: width, by: 16) {
                        var sum = k == 0 ? SIMD16<Scalar>.zero : load(target, column)
                        sum.addProduct(load(source, column), coefficient)
                        store(sum, target, column)
                    }
                }
            }
        }
    }

    /// The adjoint of ``form(_:_:_:width:pitch:)``, added to the gradient of the inputs.
    @inline(__always)
    private func formAdjoint(
        _ stage: Stage, _ rows: UnsafeMutablePointer<Scalar>, addingTo x: UnsafeMutablePointer<Scalar>, width: Int, pitch: Int
    ) {
        if stage.isCenter { return }
        for combination in stage.combinations {
            for term in combination.terms {
                let coefficient = SIMD16(repeating: term.coefficient)
                for channel in 0..<combination.channels {
                    let source = rows + (combination.firstRow &+ channel) &* pitch
                    let target = rows + (term.firstRow &+ channel) &* pitch
                    for column in stride(from: 0, to: width, by: 16) {
                        var sum = load(target, column)
                        sum.addProduct(load(source, column), coefficient)
                        store(sum, target, column)
                    }
                }
            }
        }
        if stage.shifts.count == 4, stage.functions.count == 4 {
            formFourAdjoint(stage, rows, x, width: width, pitch: pitch)
            return
        }
        for (f, function) in stage.functions.enumerated() {
            for (k, shift) in stage.shifts.enumerated() {
                let coefficient = SIMD16(repeating: function[k])
                for row in 0..<stage.inputs.count {
                    let target = x + ((stage.inputs.lowerBound &+ row) &* rowLength &+ shift)
                    let source = rows + (f &* stage.inputs.count &+ row) &* pitch
                    for column in stride(from: 0, to: width, by: 16) {
                        var sum = load(target, column)
                        sum.addProduct(load(source, column), coefficient)
                        store(sum, target, column)
                    }
                }
            }
        }
    }

    /// All four functions on a shell of four sites, as the nearest ones of the square lattice are.
    @inline(__always)
    private func formFour(
        _ stage: Stage, _ x: UnsafePointer<Scalar>, _ rows: UnsafeMutablePointer<Scalar>, width: Int, pitch: Int
    ) {
        let (a, b) = (Quadruple(stage.functions[0]), Quadruple(stage.functions[1]))
        let (c, d) = (Quadruple(stage.functions[2]), Quadruple(stage.functions[3]))
        let (s0, s1, s2, s3) = (stage.shifts[0], stage.shifts[1], stage.shifts[2], stage.shifts[3])
        let step = stage.inputs.count * pitch
        for row in 0..<stage.inputs.count {
            let source = x + (stage.inputs.lowerBound &+ row) &* rowLength
            let target = rows + row &* pitch
            for column in stride(from: 0, to: width, by: 16) {
                let x = (
                    load(source + s0, column), load(source + s1, column), load(source + s2, column), load(source + s3, column)
                )
                store(a.dot(x), target, column)
                store(b.dot(x), target + step, column)
                store(c.dot(x), target + 2 &* step, column)
                store(d.dot(x), target + 3 &* step, column)
            }
        }
    }

    /// The adjoint of ``formFour(_:_:_:width:pitch:)``.
    @inline(__always)
    private func formFourAdjoint(
        _ stage: Stage, _ rows: UnsafePointer<Scalar>, _ x: UnsafeMutablePointer<Scalar>, width: Int, pitch: Int
    ) {
        let step = stage.inputs.count * pitch
        for (k, shift) in stage.shifts.enumerated() {
            let coefficients = Quadruple(stage.functions.map { $0[k] })
            for row in 0..<stage.inputs.count {
                let target = x + ((stage.inputs.lowerBound &+ row) &* rowLength &+ shift)
                let source = rows + row &* pitch
                for column in stride(from: 0, to: width, by: 16) {
                    let x = (
                        load(source, column), load(source + step, column), load(source + 2 &* step, column),
                        load(source + 3 &* step, column)
                    )
                    store(load(target, column) + coefficients.dot(x), target, column)
                }
            }
        }
    }

    /// Four coefficients in vectors.
    private struct Quadruple {
        let a: SIMD16<Scalar>
        let b: SIMD16<Scalar>
        let c: SIMD16<Scalar>
        let d: SIMD16<Scalar>

        @inline(__always)
        init(_ values: [Scalar]) {
            (a, b) = (SIMD16(repeating: values[0]), SIMD16(repeating: values[1]))
            (c, d) = (SIMD16(repeating: values[2]), SIMD16(repeating: values[3]))
        }

        @inline(__always)
        func dot(_ x: (SIMD16<Scalar>, SIMD16<Scalar>, SIMD16<Scalar>, SIMD16<Scalar>)) -> SIMD16<Scalar> {
            var sum = x.0 * a
            sum.addProduct(x.1, b)
            sum.addProduct(x.2, c)
            sum.addProduct(x.3, d)
            return sum
        }
    }
}
