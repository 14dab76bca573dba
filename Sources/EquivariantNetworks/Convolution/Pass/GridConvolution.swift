/// A ``ConvolutionShape`` on a ``PaddedGrid``: the convolution, its adjoint, and the gradient of its weights.
///
/// Works tile after tile of columns: the symmetry-adapted combinations of a tile are gathered, then mixed by one matrix product
/// for each component of an output irrep.
struct GridConvolution<Scalar: NetworkScalar>: Sendable {
    /// One component of an output irrep.
    private struct Block {
        let outputRow: Int
        let outputs: Int
        let weights: Int
        let columns: Int
        let combinations: [Combination]
    }

    /// A symmetry-adapted combination of all channels of an input irrep.
    private struct Combination {
        let channels: Int
        let terms: [Term]
    }

    private struct Term {
        /// Distance from a row's beginning to the first channel of the component, at the neighbour.
        let place: Int
        let coefficient: Scalar
    }

    private let blocks: [Block]
    private let origin: Int
    private let rowLength: Int
    private let tiles: [Range<Int>]
    /// Elements of the scratch memory that the methods need.
    let scratchCount: Int

    /// - Parameter weights: where the matrix of each output irrep stands in the effective weights.
    init(_ shape: ConvolutionShape, weights: [Range<Int>], on grid: PaddedGrid) {
        let shifts = shape.offsets.map(grid.shift)
        blocks = shape.copies.enumerated().flatMap { output, copies in
            (0..<(shape.outputs.multiplicities[output] > 0 ? shape.outputs.dimensions[output] : 0)).map { component in
                Block(
                    outputRow: shape.outputs.row(output, component), outputs: shape.outputs.multiplicities[output],
                    weights: weights[output].lowerBound, columns: shape.weightColumns(output),
                    combinations: copies.map { copy in
                        Combination(
                            channels: shape.inputs.multiplicities[copy.input],
                            terms: copy.rows[component].map {
                                Term(
                                    place: shape.inputs.row(copy.input, $0.component) * grid.rowLength + shifts[$0.offset],
                                    coefficient: Scalar($0.coefficient))
                            })
                    })
            }
        }
        origin = grid.origin
        rowLength = grid.rowLength
        // Tiles of equal width, whole vectors, of about 256 columns.
        let count = (grid.columns + 255) / 256
        let width = (grid.columns / 16 + count - 1) / count * 16
        tiles = stride(from: 0, to: grid.columns, by: width).map { $0..<min($0 + width, grid.columns) }
        scratchCount = (blocks.map(\.columns).max() ?? 0) * width
    }

    /// y = W·combinations(x), in all columns.
    @inline(__always) func apply(
        _ weights: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        for tile in tiles {
            let first = origin + tile.lowerBound
            for block in blocks {
                let y = y + block.outputRow * rowLength + first
                guard block.columns > 0 else {
                    // The inputs have no copy of this irrep.
                    for row in 0..<block.outputs { (y + row * rowLength).update(repeating: 0, count: tile.count) }
                    continue
                }
                gather(block, x + first, into: scratch, width: tile.count)
                Scalar.multiply(
                    rows: block.outputs, columns: tile.count, inner: block.columns, alpha: 1, weights + block.weights,
                    leadingA: block.columns, transposeA: false, scratch, leadingB: tile.count, transposeB: false, beta: 0, y,
                    leadingC: rowLength)
            }
        }
    }

    /// xGradient += combinationsᵀ(Wᵀ·yGradient); yGradient is zero between the sites.
    @inline(__always) func applyAdjoint(
        _ weights: UnsafePointer<Scalar>, _ yGradient: UnsafePointer<Scalar>, addingTo xGradient: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        for tile in tiles {
            let first = origin + tile.lowerBound
            for block in blocks where block.columns > 0 {
                Scalar.multiply(
                    rows: block.columns, columns: tile.count, inner: block.outputs, alpha: 1, weights + block.weights,
                    leadingA: block.columns, transposeA: true, yGradient + block.outputRow * rowLength + first,
                    leadingB: rowLength, transposeB: false, beta: 0, scratch, leadingC: tile.count)
                scatter(block, scratch, to: xGradient + first, width: tile.count)
            }
        }
    }

    /// weightGradient += yGradient·combinations(x)ᵀ; yGradient is zero between the sites.
    @inline(__always) func addWeightGradient(
        _ yGradient: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, to weightGradient: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        for tile in tiles {
            let first = origin + tile.lowerBound
            for block in blocks where block.columns > 0 {
                gather(block, x + first, into: scratch, width: tile.count)
                Scalar.multiply(
                    rows: block.outputs, columns: block.columns, inner: tile.count, alpha: 1,
                    yGradient + block.outputRow * rowLength + first, leadingA: rowLength, transposeA: false, scratch,
                    leadingB: tile.count, transposeB: true, beta: 1, weightGradient + block.weights, leadingC: block.columns)
            }
        }
    }

    /// The combinations of one tile, [column of the weights][column].
    @inline(__always) private func gather(
        _ block: Block, _ x: UnsafePointer<Scalar>, into scratch: UnsafeMutablePointer<Scalar>, width: Int
    ) {
        var target = scratch
        for combination in block.combinations {
            combination.terms.withUnsafeBufferPointer { terms in
                for channel in 0..<combination.channels {
                    let x = x + channel &* rowLength
                    for column in stride(from: 0, to: width, by: 16) {
                        var sum = SIMD16<Scalar>.zero
                        for term in terms { sum.addProduct(load(x + term.place, column), SIMD16(repeating: term.coefficient)) }
                        store(sum, target, column)
                    }
                    target += width
                }
            }
        }
    }

    /// The adjoint of ``gather(_:_:into:width:)``, added.
    @inline(__always) private func scatter(
        _ block: Block, _ scratch: UnsafePointer<Scalar>, to x: UnsafeMutablePointer<Scalar>, width: Int
    ) {
        var source = scratch
        for combination in block.combinations {
            combination.terms.withUnsafeBufferPointer { terms in
                for channel in 0..<combination.channels {
                    let x = x + channel &* rowLength
                    for term in terms {
                        let target = x + term.place
                        let coefficient = SIMD16(repeating: term.coefficient)
                        for column in stride(from: 0, to: width, by: 16) {
                            var sum = load(target, column)
                            sum.addProduct(load(source, column), coefficient)
                            store(sum, target, column)
                        }
                    }
                    source += width
                }
            }
        }
    }
}
