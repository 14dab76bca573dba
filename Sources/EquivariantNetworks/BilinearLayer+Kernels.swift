import LatticeNumerics

/// Forward and backward passes of a ``BilinearLayer`` on a tile of `sites` sites.
///
/// All matrices are [row][site] with `sites` a multiple of ``tileAlignment``:
/// u: inputs.rowCount × sites, y and its gradient: outputs.rowCount × sites, T and G: scratchRows × sites.
extension BilinearLayer {
    /// y = layer(u). `weights` are the expanded weights.
    func forward<Scalar: NetworkScalar>(
        weights: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
        scratch t: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        y.update(repeating: 0, count: outputs.rowCount * sites)
        for operand in leftOperands {
            for a in 0..<inputs.dimensions[operand.irrep] {
                contract(operand, component: a, weights, u, t, sites)
                for block in operand.blocks {
                    for term in block.terms where term.leftComponent == a {
                        let coefficient = Scalar(term.coefficient)
                        let result = y + outputs.row(block.result, term.resultComponent) * sites
                        let right = block.right.map { u + inputs.row($0, term.rightComponent) * sites }
                        for o in 0..<outputs.multiplicities[block.result] {
                            let rows = t + (block.firstRow + o * block.rightChannels) * sites
                            if let right {
                                addWeightedSum(coefficient, rows, sites, right, sites, block.rightChannels, to: result + o * sites, sites)
                            } else {
                                addScaled(coefficient, rows, to: result + o * sites, sites)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Given dL/dy, adds dL/dW to `weightGradient` (expanded) and writes dL/du to `inputGradient`.
    func backward<Scalar: NetworkScalar>(
        weights: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>, outputGradient dy: UnsafePointer<Scalar>,
        weightGradient: UnsafeMutablePointer<Scalar>, inputGradient du: UnsafeMutablePointer<Scalar>,
        scratch t: UnsafeMutablePointer<Scalar>, _ g: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        du.update(repeating: 0, count: inputs.rowCount * sites)
        for operand in leftOperands {
            let channels = operand.channels
            for a in 0..<inputs.dimensions[operand.irrep] {
                contract(operand, component: a, weights, u, t, sites)
                g.update(repeating: 0, count: operand.rows * sites)
                for block in operand.blocks {
                    let channelCount = outputs.multiplicities[block.result]
                    for term in block.terms where term.leftComponent == a {
                        let coefficient = Scalar(term.coefficient)
                        let result = dy + outputs.row(block.result, term.resultComponent) * sites
                        let rows = block.firstRow * sites
                        guard let right = block.right else {
                            for o in 0..<channelCount { addScaled(coefficient, result + o * sites, to: g + rows + o * sites, sites) }
                            continue
                        }
                        let rightRow = inputs.row(right, term.rightComponent) * sites
                        for q in 0..<block.rightChannels {
                            // dL/du_q += Σ_o dL/dy_o T_oq
                            addWeightedSum(
                                coefficient, t + rows + q * sites, block.rightChannels * sites, result, sites, channelCount,
                                to: du + rightRow + q * sites, sites)
                            // G_oq = dL/dT_oq = dL/dy_o u_q
                            for o in 0..<channelCount {
                                addProduct(
                                    coefficient, result + o * sites, u + rightRow + q * sites,
                                    to: g + rows + (o * block.rightChannels + q) * sites, sites)
                            }
                        }
                    }
                }
                let left = inputs.row(operand.irrep, a) * sites
                // dL/dW = G uᵀ and dL/du = Wᵀ G
                Scalar.multiply(
                    rows: operand.rows, columns: channels, inner: sites, alpha: 1,
                    g, leadingA: sites, transposeA: false, u + left, leadingB: sites, transposeB: true,
                    beta: 1, weightGradient + operand.firstWeight, leadingC: channels)
                Scalar.multiply(
                    rows: channels, columns: sites, inner: operand.rows, alpha: 1,
                    weights + operand.firstWeight, leadingA: channels, transposeA: true, g, leadingB: sites, transposeB: false,
                    beta: 1, du + left, leadingC: sites)
            }
        }
    }

    /// T_{(o,q)} = Σ_p W_{opq} u_p for one component of a left operand.
    private func contract<Scalar: NetworkScalar>(
        _ operand: LeftOperand, component: Int, _ weights: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>,
        _ t: UnsafeMutablePointer<Scalar>, _ sites: Int
    ) {
        Scalar.multiply(
            rows: operand.rows, columns: sites, inner: operand.channels, alpha: 1,
            weights + operand.firstWeight, leadingA: operand.channels, transposeA: false,
            u + inputs.row(operand.irrep, component) * sites, leadingB: sites, transposeB: false,
            beta: 0, t, leadingC: sites)
    }
}

/// Sites of a tile come in whole vectors.
let tileAlignment = 16

/// y += c·x
@inline(__always)
private func addScaled<Scalar: NetworkScalar>(
    _ c: Scalar, _ x: UnsafePointer<Scalar>, to y: UnsafeMutablePointer<Scalar>, _ sites: Int
) {
    for s in stride(from: 0, to: sites, by: tileAlignment) {
        store(load(y, s) + load(x, s) * c, y, s)
    }
}

/// y += c·a·b, site by site
@inline(__always)
private func addProduct<Scalar: NetworkScalar>(
    _ c: Scalar, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, to y: UnsafeMutablePointer<Scalar>, _ sites: Int
) {
    for s in stride(from: 0, to: sites, by: tileAlignment) {
        store(load(y, s) + load(a, s) * load(b, s) * c, y, s)
    }
}

/// y += c·Σ_k a_k·b_k, site by site, over `count` rows of a and b at the given strides
@inline(__always)
private func addWeightedSum<Scalar: NetworkScalar>(
    _ c: Scalar, _ a: UnsafePointer<Scalar>, _ strideA: Int, _ b: UnsafePointer<Scalar>, _ strideB: Int, _ count: Int,
    to y: UnsafeMutablePointer<Scalar>, _ sites: Int
) {
    for s in stride(from: 0, to: sites, by: tileAlignment) {
        var sum = SIMD16<Scalar>.zero
        for k in 0..<count { sum += load(a + k * strideA, s) * load(b + k * strideB, s) }
        store(load(y, s) + sum * c, y, s)
    }
}

@inline(__always)
func load<Scalar: NetworkScalar>(_ x: UnsafePointer<Scalar>, _ s: Int) -> SIMD16<Scalar> {
    UnsafeRawPointer(x + s).loadUnaligned(as: SIMD16<Scalar>.self)
}

@inline(__always)
func load<Scalar: NetworkScalar>(_ x: UnsafeMutablePointer<Scalar>, _ s: Int) -> SIMD16<Scalar> {
    UnsafeRawPointer(x + s).loadUnaligned(as: SIMD16<Scalar>.self)
}

@inline(__always)
func store<Scalar: NetworkScalar>(_ value: SIMD16<Scalar>, _ x: UnsafeMutablePointer<Scalar>, _ s: Int) {
    UnsafeMutableRawPointer(x + s).storeBytes(of: value, as: SIMD16<Scalar>.self)
}
