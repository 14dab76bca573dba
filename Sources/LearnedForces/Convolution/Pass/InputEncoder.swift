/// ``ConvolutionInputs`` on a grid: from displacements to the rows of h⁰, with derivatives.
///
/// Of the memory it is given, `pairs` holds the pair encodings, [scale][bond], of the last ``encode(_:_:into:pairs:)``.
struct InputEncoder<Scalar: ConvolutionScalar>: Sendable {
    private let inputs: ConvolutionInputs
    private let grid: PaddedGrid
    private let shifts: [Int]
    /// The rows that a bond enters, for each scale and bond.
    private let targets: [[[Target]]]
    /// Rows of `pairs`.
    let pairRows: Int

    private struct Target {
        let row: Int
        let coefficient: Scalar
    }

    init(_ inputs: ConvolutionInputs, on grid: PaddedGrid) {
        self.inputs = inputs
        self.grid = grid
        shifts = inputs.bonds.map(grid.shift)
        pairRows = inputs.pairScales * inputs.bonds.count
        targets = (0..<inputs.pairScales).map { scale in
            inputs.bonds.indices.map { bond in
                inputs.pairBasis.enumerated().flatMap { irrep, copies in
                    copies.enumerated().flatMap { copy, components in
                        components.indices.compactMap { component in
                            let coefficient = components[component][bond]
                            guard coefficient != 0 else { return nil }
                            let row = inputs.pairRow(scale: scale, irrep: irrep, copy: copy, component: component)
                            return Target(row: row, coefficient: Scalar(coefficient))
                        }
                    }
                }
            }
        }
    }

    /// The rows of h⁰ with their halos.
    ///
    /// - Parameters:
    ///   - displacement: Q with its halo.
    ///   - baseline: the baseline's channels, [channel][site].
    @inline(__always) func encode(
        _ displacement: UnsafePointer<Scalar>, _ weights: ConvolutionWeights<Scalar>, baseline: [[Double]],
        into rows: FeatureRows<Scalar>, pairs: FeatureRows<Scalar>
    ) {
        rows.clear()
        forEachVector { place in
            let q = load(displacement, place)
            for (k, factor) in weights.siteFactors.enumerated() {
                store(Scalar.hyperbolicTangent(q * factor), rows[inputs.siteRow + k], place)
            }
            if weights.siteFactors.isEmpty { store(q, rows[inputs.siteRow], place) }
        }
        for (scale, factor) in weights.pairFactors.enumerated() {
            for (bond, shift) in shifts.enumerated() {
                let pair = pairs[scale * shifts.count + bond]
                forEachVector { place in
                    let difference = load(displacement, place) - load(displacement, place + shift)
                    store(Scalar.hyperbolicTangent(difference * factor), pair, place)
                }
                add(pair, scale, bond, to: rows)
            }
        }
        for (channel, values) in baseline.enumerated() { grid.scatter(values, to: rows[inputs.baselineRow + channel]) }
        if let row = inputs.chemicalPotentialRow {
            forEachVector { store(.init(repeating: weights.chemicalPotential), rows[row], $0) }
        }
        grid.fillHalo(rows.base, rows: rows.count)
    }

    /// ḣ⁰ for the tangent v of Q, given h⁰.
    @inline(__always) func encodeTangent(
        _ tangent: UnsafePointer<Scalar>, _ weights: ConvolutionWeights<Scalar>, at rows: FeatureRows<Scalar>,
        pairs: FeatureRows<Scalar>, into tangents: FeatureRows<Scalar>, scratch: FeatureRows<Scalar>
    ) {
        tangents.clear()
        forEachVector { place in
            let v = load(tangent, place)
            for (k, factor) in weights.siteFactors.enumerated() {
                let t = load(rows[inputs.siteRow + k], place)
                store((1 - t * t) * factor * v, tangents[inputs.siteRow + k], place)
            }
            if weights.siteFactors.isEmpty { store(v, tangents[inputs.siteRow], place) }
        }
        for (scale, factor) in weights.pairFactors.enumerated() {
            for (bond, shift) in shifts.enumerated() {
                let pair = pairs[scale * shifts.count + bond]
                forEachVector { place in
                    let t = load(pair, place)
                    store((1 - t * t) * factor * (load(tangent, place) - load(tangent, place + shift)), scratch[0], place)
                }
                add(scratch[0], scale, bond, to: tangents)
            }
        }
        grid.fillHalo(tangents.base, rows: tangents.count)
    }

    /// dL/dQ from dL/dh⁰, which is zero between the sites; overwritten, halo folded.
    @inline(__always) func displacementGradient(
        _ gradient: FeatureRows<Scalar>, _ weights: ConvolutionWeights<Scalar>, at rows: FeatureRows<Scalar>,
        pairs: FeatureRows<Scalar>, into result: FeatureRows<Scalar>, scratch: FeatureRows<Scalar>
    ) {
        result.clear()
        let target = result[0]
        forEachVector { place in
            var sum = weights.siteFactors.isEmpty ? load(gradient[inputs.siteRow], place) : .zero
            for (k, factor) in weights.siteFactors.enumerated() {
                let t = load(rows[inputs.siteRow + k], place)
                sum += (1 - t * t) * factor * load(gradient[inputs.siteRow + k], place)
            }
            store(sum, target, place)
        }
        for (scale, factor) in weights.pairFactors.enumerated() {
            for (bond, shift) in shifts.enumerated() {
                let pair = pairs[scale * shifts.count + bond]
                collect(gradient, scale, bond, into: scratch[0])
                forEachVector { place in
                    let t = load(pair, place)
                    let slope = (1 - t * t) * factor * load(scratch[0], place)
                    store(load(target, place) + slope, target, place)
                    store(load(target, place + shift) - slope, target, place + shift)
                }
            }
        }
        grid.foldHalo(target, rows: 1)
    }

    /// dL/d(log s) of all scales, added to the places of the parameters in `gradient`.
    @inline(__always) func addScaleGradient(
        _ gradient: FeatureRows<Scalar>, _ weights: ConvolutionWeights<Scalar>, displacement: UnsafePointer<Scalar>,
        at rows: FeatureRows<Scalar>, pairs: FeatureRows<Scalar>, scratch: FeatureRows<Scalar>,
        site: UnsafeMutablePointer<Scalar>, pair: UnsafeMutablePointer<Scalar>
    ) {
        for (k, factor) in weights.siteFactors.enumerated() {
            site[k] -= sum { place in
                let t = load(rows[inputs.siteRow + k], place)
                return (1 - t * t) * factor * load(displacement, place) * load(gradient[inputs.siteRow + k], place)
            }
        }
        for (scale, factor) in weights.pairFactors.enumerated() {
            for (bond, shift) in shifts.enumerated() {
                collect(gradient, scale, bond, into: scratch[0])
                let values = pairs[scale * shifts.count + bond]
                pair[scale] -= sum { place in
                    let t = load(values, place)
                    let difference = load(displacement, place) - load(displacement, place + shift)
                    return (1 - t * t) * factor * difference * load(scratch[0], place)
                }
            }
        }
    }

    /// The part of d(ḣ⁰·g)/d(log s) that comes from the dependence of ḣ⁰ = (1 − tanh² x) v/s on s at fixed g, x = Q/s:
    ///
    ///     (1 − tanh² x)(2 x tanh x − 1) v/s · g
    @inline(__always) func addTangentScaleGradient(
        _ gradient: FeatureRows<Scalar>, _ weights: ConvolutionWeights<Scalar>, displacement: UnsafePointer<Scalar>,
        tangent: UnsafePointer<Scalar>, at rows: FeatureRows<Scalar>, pairs: FeatureRows<Scalar>, scratch: FeatureRows<Scalar>,
        site: UnsafeMutablePointer<Scalar>, pair: UnsafeMutablePointer<Scalar>
    ) {
        for (k, factor) in weights.siteFactors.enumerated() {
            site[k] += sum { place in
                let t = load(rows[inputs.siteRow + k], place)
                let slope = (1 - t * t) * (2 * factor * load(displacement, place) * t - 1)
                return slope * factor * load(tangent, place) * load(gradient[inputs.siteRow + k], place)
            }
        }
        for (scale, factor) in weights.pairFactors.enumerated() {
            for (bond, shift) in shifts.enumerated() {
                collect(gradient, scale, bond, into: scratch[0])
                let values = pairs[scale * shifts.count + bond]
                pair[scale] += sum { place in
                    let t = load(values, place)
                    let difference = load(displacement, place) - load(displacement, place + shift)
                    let slope = (1 - t * t) * (2 * factor * difference * t - 1)
                    return slope * factor * (load(tangent, place) - load(tangent, place + shift)) * load(scratch[0], place)
                }
            }
        }
    }

    /// rows += coefficient·pair for the rows that a bond enters.
    @inline(__always) private func add(_ pair: UnsafePointer<Scalar>, _ scale: Int, _ bond: Int, to rows: FeatureRows<Scalar>) {
        for target in targets[scale][bond] {
            let row = rows[target.row]
            forEachVector { store(load(row, $0) + target.coefficient * load(pair, $0), row, $0) }
        }
    }

    /// The adjoint: dL/d(pair) from the rows that the bond enters.
    @inline(__always) private func collect(
        _ gradient: FeatureRows<Scalar>, _ scale: Int, _ bond: Int, into result: UnsafeMutablePointer<Scalar>
    ) {
        forEachVector { place in
            var sum = SIMD16<Scalar>.zero
            for target in targets[scale][bond] { sum += target.coefficient * load(gradient[target.row], place) }
            store(sum, result, place)
        }
    }

    @inline(__always) private func forEachVector(_ body: (Int) -> Void) {
        for column in stride(from: grid.origin, to: grid.origin + grid.columns, by: 16) { body(column) }
    }

    /// Over all columns; what is summed is zero between the sites.
    @inline(__always) private func sum(_ body: (Int) -> SIMD16<Scalar>) -> Scalar {
        var total = SIMD16<Scalar>.zero
        forEachVector { total += body($0) }
        return total.sum()
    }
}
