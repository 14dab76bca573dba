import LatticeNumerics

/// Forward and backward passes of a ``BilinearLayer`` on a tile of `sites` sites.
///
/// All matrices are [row][site] with `sites` a multiple of ``SiteVectors/count``: u is inputs.rowCount × sites, y and its
/// gradient outputs.rowCount × sites. The contraction T_{oq} = Σ_p W_{opq} u_p is consumed in registers, 64 sites and a few q at
/// a time, so neither T nor the products exist in memory. Where couplings have been removed, the sum over p has those that are left:
/// vectors run over sites, so that single couplings may be missing anywhere.
extension BilinearLayer {
    /// y = layer(u). `weights` are the expanded weights.
    func forward<Scalar: NetworkScalar>(
        weights: UnsafePointer<Scalar>, _ u: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        y.update(repeating: 0, count: outputs.rowCount * sites)
        for coupling in couplings.joined().joined() {
            let w = weights + coupling.firstWeight
            let left = u + coupling.leftRow * sites
            for s in stride(from: 0, to: sites, by: SiteVectors<Scalar>.count) {
                if let rows = coupling.rows {
                    addSparse(coupling, rows, weights, left + s, u + s, y + s, sites)
                } else if coupling.isLinear {
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
        for (index, operand) in leftOperands.enumerated() {
            let channels = operand.channels
            for component in 0..<inputs.dimensions[operand.irrep] {
                let left = inputs.row(operand.irrep, component) * sites
                for coupling in couplings[index][component] {
                    if let rows = coupling.rows {
                        for s in stride(from: 0, to: sites, by: SiteVectors<Scalar>.count) {
                            addSparseGradient(
                                coupling, rows, weights, u + left + s, u + s, dy + s, du + left + s, du + s, weightGradient, sites
                            )
                        }
                        continue
                    }
                    let w = weights + coupling.firstWeight
                    for s in stride(from: 0, to: sites, by: SiteVectors<Scalar>.count) {
                        if !coupling.isLinear { addRightGradient(coupling, w, u + left + s, dy + s, du + s, sites) }
                        writeProductGradient(coupling, u + s, dy + s, g + (coupling.firstRow * sites + s), sites)
                    }
                }
                guard leftChannels == nil else { continue }
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

    /// The same from the couplings that are left; linear ones too.
    @inline(__always)
    private func addSparse<Scalar: NetworkScalar>(
        _ coupling: Coupling, _ rows: [SparseRow], _ w: UnsafePointer<Scalar>, _ left: UnsafePointer<Scalar>,
        _ u: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ sites: Int
    ) {
        let (first, second) = coupling.terms
        let (v, v2) = (u + first.rightRow * sites, u + second.rightRow * sites)
        let hasSecond = second.coefficient != 0
        leftChannels!.withUnsafeBufferPointer { channels in
            rows.withUnsafeBufferPointer { rows in
                var k = 0
                while k < rows.count {
                    let o = rows[k].result
                    var sum = SiteVectors<Scalar>.zero
                    var sum2 = SiteVectors<Scalar>.zero
                    while k < rows.count, rows[k].result == o {
                        var t = SiteVectors<Scalar>.zero
                        for e in Int(rows[k].first)..<Int(rows[k].end) {
                            t.add(SiteVectors(left + Int(channels[e]) * sites), times: w[e])
                        }
                        if coupling.isLinear {
                            sum = t
                        } else {
                            sum.add(t, times: SiteVectors(v + Int(rows[k].right) * sites))
                            if hasSecond { sum2.add(t, times: SiteVectors(v2 + Int(rows[k].right) * sites)) }
                        }
                        k += 1
                    }
                    sum.add(to: y + (first.resultRow + Int(o)) * sites, times: Scalar(first.coefficient))
                    if hasSecond { sum2.add(to: y + (second.resultRow + Int(o)) * sites, times: Scalar(second.coefficient)) }
                }
            }
        }
    }

    /// All gradients of the couplings that are left.
    @inline(__always)
    private func addSparseGradient<Scalar: NetworkScalar>(
        _ coupling: Coupling, _ rows: [SparseRow], _ w: UnsafePointer<Scalar>, _ left: UnsafePointer<Scalar>,
        _ u: UnsafePointer<Scalar>, _ dy: UnsafePointer<Scalar>, _ dleft: UnsafeMutablePointer<Scalar>,
        _ du: UnsafeMutablePointer<Scalar>, _ dw: UnsafeMutablePointer<Scalar>, _ sites: Int
    ) {
        let (first, second) = coupling.terms
        let hasSecond = second.coefficient != 0
        leftChannels!.withUnsafeBufferPointer { channels in
            for row in rows {
                let (o, q) = (Int(row.result), Int(row.right))
                var slope = SiteVectors<Scalar>.zero
                slope.add(SiteVectors(dy + (first.resultRow + o) * sites), times: Scalar(first.coefficient))
                var g = slope
                if !coupling.isLinear {
                    var t = SiteVectors<Scalar>.zero
                    for e in Int(row.first)..<Int(row.end) {
                        t.add(SiteVectors(left + Int(channels[e]) * sites), times: w[e])
                    }
                    g = .zero
                    g.add(slope, times: SiteVectors(u + (first.rightRow + q) * sites))
                    let right = du + (first.rightRow + q) * sites
                    var sum = SiteVectors(right)
                    sum.add(t, times: slope)
                    sum.store(right)
                    if hasSecond {
                        var slope = SiteVectors<Scalar>.zero
                        slope.add(SiteVectors(dy + (second.resultRow + o) * sites), times: Scalar(second.coefficient))
                        g.add(slope, times: SiteVectors(u + (second.rightRow + q) * sites))
                        let right = du + (second.rightRow + q) * sites
                        var sum = SiteVectors(right)
                        sum.add(t, times: slope)
                        sum.store(right)
                    }
                }
                for e in Int(row.first)..<Int(row.end) {
                    let place = Int(channels[e]) * sites
                    dw[e] += g.product(SiteVectors(left + place))
                    g.add(to: dleft + place, times: w[e])
                }
            }
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
