/// An equivariant layer that mixes, within every irrep, the input channels and all their pairwise Clebsch–Gordan products:
///
///     y^r_{o,c} = Σ_p W^r_{op} u^r_{p,c} + Σ_{(r₁ ≤ r₂)} Σ_{p,q} W^{r,r₁r₂}_{opq} Σ_{ab} C^{r r₁ r₂}_{cab} u^{r₁}_{p,a} u^{r₂}_{q,b}
///
/// with p < q when r₁ = r₂ (p ≤ q when squares are asked for and the coupling is symmetric).
/// Source: Fan & Chern, arXiv:2601.04104.
///
/// The products are never formed: T_{oq} = Σ_p W_{opq} u_p is a matrix product for each left irrep and component, and
/// y_o += T_{oq} u_q a weighted sum. The linear term is the coupling with a constant 1.
struct BilinearLayer: Sendable {
    let inputs: IrrepChannels
    let outputs: IrrepChannels
    private(set) var leftOperands: [LeftOperand]
    /// Columns of the weight matrix [channel][column] of each output irrep.
    let weightColumns: [Int]
    /// Where each element of the expanded weights is taken from in this layer's parameters; −1 for a zero.
    private(set) var expansion: [Int32]
    /// The left channel of each expanded weight of a layer without some of its couplings; nil: it has all.
    private(set) var leftChannels: [Int32]?
    /// This layer's parameters: for each output irrep its weights.
    let weightRanges: [Range<Int>]

    /// What the kernels work on, [left operand][component].
    private(set) var couplings: [[[Coupling]]] = []

    /// One component of a left irrep with one right irrep (or the constant) and one result.
    struct Coupling: Sendable {
        let firstWeight: Int
        let firstRow: Int
        let leftRow: Int
        let leftChannels: Int
        let rightChannels: Int
        let resultChannels: Int
        let isLinear: Bool
        /// Left channels p beyond q + `triangle` have no weight with right channel q; nil: all have.
        let triangle: Int?
        /// Earlier terms of the same rows came before.
        let isContinued: Bool
        /// Clebsch–Gordan coefficients of this left component; the second has coefficient 0 where there is only one.
        let terms: (Row, Row)
        /// Those that are left, if some are left out.
        let rows: [SparseRow]?

        struct Row: Sendable {
            let rightRow: Int
            let resultRow: Int
            let coefficient: Double
        }

        /// The number of left channels that the right channels q ..< q + `count` see.
        @inline(__always)
        func leftCount(_ q: Int, _ count: Int) -> Int {
            triangle.map { min(leftChannels, q + count + $0) } ?? leftChannels
        }
    }

    /// Everything in which the channels of one irrep are the left factor.
    struct LeftOperand: Sendable {
        let irrep: Int
        let channels: Int
        /// Where its expanded weights [row][channel] begin.
        let firstWeight: Int
        let rows: Int
        var blocks: [Block]
    }

    /// Rows (o, q) of a left operand that couple to the channels q of one right irrep, or to the constant.
    struct Block: Sendable {
        /// nil: the constant 1.
        let right: Int?
        let result: Int
        let firstRow: Int
        let rightChannels: Int
        /// Within one irrep, left channels p < q + 1 + `triangle` may have a weight with right channel q; nil: all may.
        let triangle: Int?
        let terms: [Term]
        /// Rows with couplings, where some are left out; nil: all are there.
        var sparseRows: [SparseRow]?
    }

    /// The couplings that are left of one row (o, q): places in the expanded weights.
    struct SparseRow: Sendable {
        let result: Int32
        let right: Int32
        let first: Int32
        let end: Int32
    }

    /// Calls `body` for every coupling of a layer that has all: its parameter, counted from the layer's first, and the rows of the
    /// first components of the channels that it joins; no right one for a linear coupling.
    func forEachCoupling(_ body: (_ parameter: Int, _ left: Int, _ right: Int?, _ result: Int) -> Void) {
        for operand in leftOperands {
            for block in operand.blocks {
                for row in 0..<outputs.multiplicities[block.result] * block.rightChannels {
                    let (o, q) = row.quotientAndRemainder(dividingBy: block.rightChannels)
                    for p in 0..<operand.channels {
                        let parameter = expansion[operand.firstWeight + (block.firstRow + row) * operand.channels + p]
                        guard parameter >= 0 else { continue }
                        body(
                            Int(parameter), inputs.row(operand.irrep, 0) + p, block.right.map { inputs.row($0, 0) + q },
                            outputs.row(block.result, 0) + o)
                    }
                }
            }
        }
    }

    /// The layer without the couplings whose parameter, counted from the layer's first, `isRemoved`. Its expanded weights are those
    /// that are left.
    func removing(_ isRemoved: [Bool]) -> BilinearLayer {
        precondition(leftChannels == nil, "a layer with all couplings")
        var layer = self
        var (kept, channels): ([Int32], [Int32]) = ([], [])
        for (index, operand) in leftOperands.enumerated() {
            for (b, block) in operand.blocks.enumerated() {
                var rows: [SparseRow] = []
                for row in 0..<outputs.multiplicities[block.result] * block.rightChannels {
                    let first = kept.count
                    for p in 0..<operand.channels {
                        let parameter = expansion[operand.firstWeight + (block.firstRow + row) * operand.channels + p]
                        guard parameter >= 0, !isRemoved[Int(parameter)] else { continue }
                        kept.append(parameter)
                        channels.append(Int32(p))
                    }
                    guard kept.count > first else { continue }
                    rows.append(
                        SparseRow(
                            result: Int32(row / block.rightChannels), right: Int32(row % block.rightChannels),
                            first: Int32(first), end: Int32(kept.count)))
                }
                // Rows of equal length one after the other: the kernels' loops are foreseen.
                rows.sort { ($0.result, $0.end - $0.first, $0.right) < ($1.result, $1.end - $1.first, $1.right) }
                layer.leftOperands[index].blocks[b].sparseRows = rows
            }
        }
        (layer.expansion, layer.leftChannels) = (kept, channels)
        layer.listCouplings()
        return layer
    }

    /// One non-zero Clebsch–Gordan coefficient.
    struct Term: Sendable {
        let resultComponent: Int
        let leftComponent: Int
        let rightComponent: Int
        let coefficient: Double
    }

    init(algebra: IrrepAlgebra, inputs: [Int], outputs: [Int], squares: Bool) {
        let irreps = algebra.irreps
        let inputs = IrrepChannels(multiplicities: inputs, dimensions: algebra.dimensions)
        let outputs = IrrepChannels(multiplicities: outputs, dimensions: algebra.dimensions)
        self.inputs = inputs
        self.outputs = outputs

        // Columns of the weights of result r: the channels themselves, then left ≤ right in order, p outer, q inner.
        struct Source {
            let block: Int
            let p: Int
            let q: Int
            let column: Int
        }
        var columns = [Int](repeating: 0, count: irreps.count)
        var blocks = irreps.map { _ in [Block]() }
        var rows = irreps.map { _ in 0 }
        var sources = irreps.map { _ in [Source]() }
        for result in irreps.indices where outputs.multiplicities[result] > 0 {
            let channels = outputs.multiplicities[result]
            let linear = (0..<irreps[result].dimension).map {
                Term(resultComponent: $0, leftComponent: $0, rightComponent: 0, coefficient: 1)
            }
            for p in 0..<inputs.multiplicities[result] {
                sources[result].append(Source(block: blocks[result].count, p: p, q: 0, column: columns[result] + p))
            }
            columns[result] += inputs.multiplicities[result]
            blocks[result].append(
                Block(right: nil, result: result, firstRow: rows[result], rightChannels: 1, triangle: nil, terms: linear))
            rows[result] += channels
            for left in irreps.indices {
                for right in left..<irreps.count {
                    for tensor in algebra.couplings[left][right][result].tensors {
                        let terms = Self.terms(of: tensor)
                        let symmetric =
                            left == right
                            && terms.allSatisfy { term in
                                terms.contains {
                                    $0.resultComponent == term.resultComponent && $0.leftComponent == term.rightComponent
                                        && $0.rightComponent == term.leftComponent && $0.coefficient == term.coefficient
                                }
                            }
                        let (m, n) = (inputs.multiplicities[left], inputs.multiplicities[right])
                        for p in 0..<m {
                            let first = left != right ? 0 : squares && symmetric ? p : p + 1
                            for q in first..<max(first, n) {
                                sources[left].append(Source(block: blocks[left].count, p: p, q: q, column: columns[result]))
                                columns[result] += 1
                            }
                        }
                        blocks[left].append(
                            Block(
                                right: right, result: result, firstRow: rows[left], rightChannels: n,
                                triangle: left != right ? nil : squares && symmetric ? 0 : -1, terms: terms))
                        rows[left] += channels * n
                    }
                }
            }
        }
        weightColumns = columns

        var offset = 0
        let ranges = irreps.indices.map { result in
            let size = outputs.multiplicities[result] * columns[result]
            defer { offset += size }
            return offset..<offset + size
        }
        weightRanges = ranges

        var expansion: [Int32] = []
        var operands: [LeftOperand] = []
        for left in irreps.indices where inputs.multiplicities[left] > 0 && rows[left] > 0 {
            let channels = inputs.multiplicities[left]
            let firstWeight = expansion.count
            expansion += [Int32](repeating: -1, count: rows[left] * channels)
            for source in sources[left] {
                let block = blocks[left][source.block]
                for o in 0..<outputs.multiplicities[block.result] {
                    let row = block.firstRow + o * block.rightChannels + source.q
                    let parameter = ranges[block.result].lowerBound + o * columns[block.result] + source.column
                    expansion[firstWeight + row * channels + source.p] = Int32(parameter)
                }
            }
            operands.append(
                LeftOperand(irrep: left, channels: channels, firstWeight: firstWeight, rows: rows[left], blocks: blocks[left]))
        }
        leftOperands = operands
        self.expansion = expansion
        listCouplings()
    }

    private mutating func listCouplings() {
        couplings = leftOperands.map { operand in
            (0..<inputs.dimensions[operand.irrep]).map { couplings(of: operand, $0) }
        }
    }

    /// Terms of one left component are taken two at a time; the few couplings of three-dimensional irreps that have more are
    /// contracted again for the rest.
    private func couplings(of operand: LeftOperand, _ component: Int) -> [Coupling] {
        operand.blocks.flatMap { block in
            let rows = block.terms.filter { $0.leftComponent == component }.map { term in
                Coupling.Row(
                    rightRow: block.right.map { inputs.row($0, term.rightComponent) } ?? 0,
                    resultRow: outputs.row(block.result, term.resultComponent), coefficient: term.coefficient)
            }
            let none = Coupling.Row(rightRow: rows.first?.rightRow ?? 0, resultRow: rows.first?.resultRow ?? 0, coefficient: 0)
            return stride(from: 0, to: max(1, rows.count), by: 2).map { start in
                Coupling(
                    firstWeight: operand.firstWeight + block.firstRow * operand.channels, firstRow: block.firstRow,
                    leftRow: inputs.row(operand.irrep, component), leftChannels: operand.channels,
                    rightChannels: block.rightChannels, resultChannels: outputs.multiplicities[block.result],
                    isLinear: block.right == nil, triangle: block.triangle, isContinued: start > 0,
                    terms: (start < rows.count ? rows[start] : none, start + 1 < rows.count ? rows[start + 1] : none),
                    rows: block.sparseRows)
            }
        }
    }

    /// Multiply–adds for one site: the matrix products and the weighted sums.
    var multiplyAdds: Int {
        leftOperands.reduce(0) { sum, operand in
            operand.blocks.reduce(sum) { sum, block in
                if let rows = block.sparseRows {
                    let contractions = Set(block.terms.map(\.leftComponent)).count
                    let products = block.right == nil ? 0 : block.terms.count
                    return rows.reduce(sum) { $0 + Int($1.end - $1.first) * contractions + products }
                }
                let (p, q) = (operand.channels, block.rightChannels)
                let weights = block.triangle.map { q * (q + 1 + 2 * $0) / 2 } ?? p * q
                let contractions = Set(block.terms.map(\.leftComponent)).count
                return sum + outputs.multiplicities[block.result] * (weights * contractions + q * block.terms.count)
            }
        }
    }

    /// Rows of the largest left operand: dL/dT of one tile is [rows][site].
    var scratchRows: Int { leftOperands.map(\.rows).max() ?? 0 }

    private static func terms(of tensor: [[[Double]]]) -> [Term] {
        var terms: [Term] = []
        for (c, matrix) in tensor.enumerated() {
            for (a, row) in matrix.enumerated() {
                for (b, coefficient) in row.enumerated() where coefficient != 0 {
                    terms.append(Term(resultComponent: c, leftComponent: a, rightComponent: b, coefficient: coefficient))
                }
            }
        }
        return terms
    }
}
