import LatticeNumerics

/// Forward and backward passes of a ``BilinearLayer`` on a tile of `sites` sites.
///
/// All matrices are [row][site] with `sites` a multiple of ``SiteVectors/count``: u is inputs.rowCount × sites, y and its
/// gradient outputs.rowCount × sites. The contraction T_{oq} = Σ_p W_{opq} u_p is consumed in registers, 64 sites and a few q at
/// a time, so neither T nor the products exist in memory.
extension BilinearLayer {
    /// y = layer(u). `weights` are the expanded weights.
    func forward<Scalar: NetworkScalar>(
        weights: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        y.update(repeating: 0, count: outputs.rowCount * sites)
        forEachCoupling { coupling in
            let w = weights + coupling.firstWeight
            let left = u + coupling.leftRow * sites
            for s in stride(from: 0, to: sites, by: SiteVectors<Scalar>.count) {
                if coupling.isLinear {
                    addLinear(coupling, w, left + s, y + coupling.terms.0.resultRow * sites + s, sites)
                } else {
                    addProducts(coupling, w, left + s, u + s, y + s, sites)
                }
            }
        }
    }

    /// Given dL/dy, adds dL/dW to `weightGradient` (expanded) and writes dL/du to `inputGradient`.
    ///
    /// - Parameter g: scratch for dL/dT of one left operand, scratchRows × sites.
    func backward<Scalar: NetworkScalar>(
        weights: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>, outputGradient dy: UnsafePointer<Scalar>,
        weightGradient: UnsafeMutablePointer<Scalar>, inputGradient du: UnsafeMutablePointer<Scalar>,
        scratch g: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        du.update(repeating: 0, count: inputs.rowCount * sites)
        for operand in leftOperands {
            let channels = operand.channels
            for component in 0..<inputs.dimensions[operand.irrep] {
                let left = inputs.row(operand.irrep, component) * sites
                forEachCoupling(of: operand, component) { coupling in
                    let w = weights + coupling.firstWeight
                    for s in stride(from: 0, to: sites, by: SiteVectors<Scalar>.count) {
                        if !coupling.isLinear { addRightGradient(coupling, w, u + left + s, dy + s, du + s, sites) }
                        writeProductGradient(coupling, u + s, dy + s, g + (coupling.firstRow * sites + s), sites)
                    }
                }
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

    /// One component of a left irrep with one right irrep (or the constant) and one result: what a kernel works on.
    private struct Coupling {
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

        struct Row {
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

    private func forEachCoupling(_ body: (Coupling) -> Void) {
        for operand in leftOperands {
            for component in 0..<inputs.dimensions[operand.irrep] { forEachCoupling(of: operand, component, body) }
        }
    }

    /// Terms of one left component are taken two at a time; the few couplings of three-dimensional irreps that have more are
    /// contracted again for the rest.
    private func forEachCoupling(of operand: LeftOperand, _ component: Int, _ body: (Coupling) -> Void) {
        for block in operand.blocks {
            let rows = block.terms.filter { $0.leftComponent == component }.map { term in
                Coupling.Row(
                    rightRow: block.right.map { inputs.row($0, term.rightComponent) } ?? 0,
                    resultRow: outputs.row(block.result, term.resultComponent), coefficient: term.coefficient)
            }
            let none = Coupling.Row(rightRow: rows.first?.rightRow ?? 0, resultRow: rows.first?.resultRow ?? 0, coefficient: 0)
            for start in stride(from: 0, to: max(1, rows.count), by: 2) {
                body(
                    Coupling(
                        firstWeight: operand.firstWeight + block.firstRow * operand.channels, firstRow: block.firstRow,
                        leftRow: inputs.row(operand.irrep, component), leftChannels: operand.channels,
                        rightChannels: block.rightChannels, resultChannels: outputs.multiplicities[block.result],
                        isLinear: block.right == nil, triangle: block.triangle, isContinued: start > 0,
                        terms: (start < rows.count ? rows[start] : none, start + 1 < rows.count ? rows[start + 1] : none)))
            }
        }
    }

    /// y_o += Σ_p W_op u_p
    @inline(__always)
    private func addLinear<Scalar: NetworkScalar>(
        _ coupling: Coupling, _ w: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
        _ sites: Int
    ) {
        for o in 0..<coupling.resultChannels {
            let t = contract1(w + o * coupling.leftChannels, coupling.leftChannels, u, sites)
            t.add(to: y + o * sites, times: Scalar(coupling.terms.0.coefficient))
        }
    }

    /// y_o += C Σ_q (Σ_p W_opq u_p) v_q for both terms
    @inline(__always)
    private func addProducts<Scalar: NetworkScalar>(
        _ coupling: Coupling, _ w: UnsafePointer<Scalar>, _ left: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>,
        _ y: UnsafeMutablePointer<Scalar>, _ sites: Int
    ) {
        let (p, count) = (coupling.leftChannels, coupling.rightChannels)
        let (first, second) = coupling.terms
        let v = u + first.rightRow * sites
        let v2 = u + second.rightRow * sites
        let hasSecond = second.coefficient != 0
        for o in 0..<coupling.resultChannels {
            let row = w + o * count * p
            var sum = SiteVectors<Scalar>.zero
            var sum2 = SiteVectors<Scalar>.zero
            var q = 0
            while q + 4 <= count {
                let t = contract4(row + q * p, p, coupling.leftCount(q, 4), left, sites)
                let x = v + q * sites
                sum.add(t.0, times: SiteVectors(x))
                sum.add(t.1, times: SiteVectors(x + sites))
                sum.add(t.2, times: SiteVectors(x + 2 * sites))
                sum.add(t.3, times: SiteVectors(x + 3 * sites))
                if hasSecond {
                    let x = v2 + q * sites
                    sum2.add(t.0, times: SiteVectors(x))
                    sum2.add(t.1, times: SiteVectors(x + sites))
                    sum2.add(t.2, times: SiteVectors(x + 2 * sites))
                    sum2.add(t.3, times: SiteVectors(x + 3 * sites))
                }
                q += 4
            }
            while q < count {
                let t = contract1(row + q * p, coupling.leftCount(q, 1), left, sites)
                sum.add(t, times: SiteVectors(v + q * sites))
                if hasSecond { sum2.add(t, times: SiteVectors(v2 + q * sites)) }
                q += 1
            }
            sum.add(to: y + (first.resultRow + o) * sites, times: Scalar(first.coefficient))
            if hasSecond { sum2.add(to: y + (second.resultRow + o) * sites, times: Scalar(second.coefficient)) }
        }
    }

    /// dL/dv_q += C Σ_o dL/dy_o (Σ_p W_opq u_p) for both terms
    @inline(__always)
    private func addRightGradient<Scalar: NetworkScalar>(
        _ coupling: Coupling, _ w: UnsafePointer<Scalar>, _ left: UnsafePointer<Scalar>, _ dy: UnsafePointer<Scalar>,
        _ du: UnsafeMutablePointer<Scalar>, _ sites: Int
    ) {
        let (p, count) = (coupling.leftChannels, coupling.rightChannels)
        let (first, second) = coupling.terms
        let hasSecond = second.coefficient != 0
        for q in 0..<count {
            var sum = SiteVectors<Scalar>.zero
            var sum2 = SiteVectors<Scalar>.zero
            let visible = coupling.leftCount(q, 1)
            var o = 0
            while o + 2 <= coupling.resultChannels {
                let row = w + (o * count + q) * p
                let t = contract2(row, count * p, visible, left, sites)
                sum.add(t.0, times: SiteVectors(dy + (first.resultRow + o) * sites))
                sum.add(t.1, times: SiteVectors(dy + (first.resultRow + o + 1) * sites))
                if hasSecond {
                    sum2.add(t.0, times: SiteVectors(dy + (second.resultRow + o) * sites))
                    sum2.add(t.1, times: SiteVectors(dy + (second.resultRow + o + 1) * sites))
                }
                o += 2
            }
            if o < coupling.resultChannels {
                let t = contract1(w + (o * count + q) * p, visible, left, sites)
                sum.add(t, times: SiteVectors(dy + (first.resultRow + o) * sites))
                if hasSecond { sum2.add(t, times: SiteVectors(dy + (second.resultRow + o) * sites)) }
            }
            sum.add(to: du + (first.rightRow + q) * sites, times: Scalar(first.coefficient))
            if hasSecond { sum2.add(to: du + (second.rightRow + q) * sites, times: Scalar(second.coefficient)) }
        }
    }

    /// G_oq = dL/dT_oq = Σ_terms C dL/dy_o v_q, with v = 1 for the constant
    @inline(__always)
    private func writeProductGradient<Scalar: NetworkScalar>(
        _ coupling: Coupling, _ u: UnsafePointer<Scalar>, _ dy: UnsafePointer<Scalar>, _ g: UnsafeMutablePointer<Scalar>,
        _ sites: Int
    ) {
        let count = coupling.rightChannels
        let (first, second) = coupling.terms
        for o in 0..<coupling.resultChannels {
            var slope = SiteVectors<Scalar>.zero
            slope.add(SiteVectors(dy + (first.resultRow + o) * sites), times: Scalar(first.coefficient))
            var slope2 = SiteVectors<Scalar>.zero
            slope2.add(SiteVectors(dy + (second.resultRow + o) * sites), times: Scalar(second.coefficient))
            for q in 0..<count {
                let row = g + (o * count + q) * sites
                if coupling.isLinear {
                    slope.store(row)
                } else {
                    var value = coupling.isContinued ? SiteVectors(row) : SiteVectors<Scalar>.zero
                    value.add(slope, times: SiteVectors(u + (first.rightRow + q) * sites))
                    value.add(slope2, times: SiteVectors(u + (second.rightRow + q) * sites))
                    value.store(row)
                }
            }
        }
    }
}

/// Σ_p w_p u_p over `count` rows u_p.
@inline(__always)
private func contract1<Scalar: NetworkScalar>(
    _ w: UnsafePointer<Scalar>, _ count: Int, _ u: UnsafePointer<Scalar>, _ sites: Int
) -> SiteVectors<Scalar> {
    var sum = SiteVectors<Scalar>.zero
    for p in 0..<count { sum.add(SiteVectors(u + p * sites), times: w[p]) }
    return sum
}

/// The same for two rows of weights, `stride` apart.
@inline(__always)
private func contract2<Scalar: NetworkScalar>(
    _ w: UnsafePointer<Scalar>, _ stride: Int, _ count: Int, _ u: UnsafePointer<Scalar>, _ sites: Int
) -> (SiteVectors<Scalar>, SiteVectors<Scalar>) {
    var sums = (SiteVectors<Scalar>.zero, SiteVectors<Scalar>.zero)
    for p in 0..<count {
        let x = SiteVectors(u + p * sites)
        sums.0.add(x, times: w[p])
        sums.1.add(x, times: w[stride + p])
    }
    return sums
}

/// The same for four rows of weights, `stride` apart: sixteen sums in registers.
@inline(__always)
private func contract4<Scalar: NetworkScalar>(
    _ w: UnsafePointer<Scalar>, _ stride: Int, _ count: Int, _ u: UnsafePointer<Scalar>, _ sites: Int
) -> (SiteVectors<Scalar>, SiteVectors<Scalar>, SiteVectors<Scalar>, SiteVectors<Scalar>) {
    var (a, b, c, d) = (SiteVectors<Scalar>.zero, SiteVectors<Scalar>.zero, SiteVectors<Scalar>.zero, SiteVectors<Scalar>.zero)
    for p in 0..<count {
        let x = SiteVectors(u + p * sites)
        a.add(x, times: w[p])
        b.add(x, times: w[stride + p])
        c.add(x, times: w[2 * stride + p])
        d.add(x, times: w[3 * stride + p])
    }
    return (a, b, c, d)
}
