import LatticeNumerics

/// The equivariant nonlinearity: every channel y of an irrep is scaled by a function of its norm,
///
///     h = y·s(n², b),   s = σ(ρ + b)/ρ,   n² = Σ_c y_c²
///
/// with ρ = √(n² + 1) for the smooth gate and ρ = |y| for the published one (zero at exactly zero).
/// Scaling by an invariant commutes with every D(g), whatever the irrep.
struct Gate: Sendable {
    let activation: Activation
    let channels: IrrepChannels
    /// Channels that are neither zero for want of couplings nor unread; the others are left as they are.
    private let live: [Channel]

    /// Rows of one channel, and its bias.
    private struct Channel {
        let first: Int
        let stride: Int
        let dimension: Int
        let bias: Int
    }

    /// - Parameter isLive: of the channel whose first component is in a row.
    init(activation: Activation, channels: IrrepChannels, isLive: (_ row: Int) -> Bool = { _ in true }) {
        self.activation = activation
        self.channels = channels
        let all = channels.multiplicities.indices.flatMap { irrep in
            (0..<channels.multiplicities[irrep]).map { (irrep: irrep, row: channels.row(irrep, 0) + $0) }
        }
        live = all.enumerated().filter { isLive($1.row) }.map { index, place in
            Channel(
                first: place.row, stride: channels.multiplicities[place.irrep], dimension: channels.dimensions[place.irrep],
                bias: index)
        }
    }

    /// h = gate(y); y and h are [row][site], bias [irrep][channel] in one array.
    func forward<Scalar: NetworkScalar>(
        _ y: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>, _ h: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        for channel in live {
            let (first, stride, dimension) = (channel.first, channel.stride, channel.dimension)
            let b = SIMD16(repeating: bias[channel.bias])
            for s in Swift.stride(from: 0, to: sites, by: 16) {
                let (scale, _, _) = gate(normSquared(y, first, stride, dimension, sites, s), b)
                for c in 0..<dimension {
                    let row = (first + c * stride) * sites
                    store(load(y + row, s) * scale, h + row, s)
                }
            }
        }
    }

    /// Given dL/dh in `gradient`, replaces it by dL/dy and adds dL/db to `biasGradient`.
    func backward<Scalar: NetworkScalar>(
        _ y: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>,
        biasGradient: UnsafeMutablePointer<Scalar>, sites: Int
    ) {
        for channel in live {
            let (first, stride, dimension) = (channel.first, channel.stride, channel.dimension)
            let b = SIMD16(repeating: bias[channel.bias])
            var total = SIMD16<Scalar>.zero
            for s in Swift.stride(from: 0, to: sites, by: 16) {
                let (scale, slope, biasSlope) = gate(normSquared(y, first, stride, dimension, sites, s), b)
                var overlap = SIMD16<Scalar>.zero
                for c in 0..<dimension {
                    let row = (first + c * stride) * sites
                    overlap += load(gradient + row, s) * load(y + row, s)
                }
                total += overlap * biasSlope
                for c in 0..<dimension {
                    let row = (first + c * stride) * sites
                    store(load(gradient + row, s) * scale + load(y + row, s) * (overlap * slope * 2), gradient + row, s)
                }
            }
            biasGradient[channel.bias] += total.sum()
        }
    }

    /// s, ∂s/∂(n²) and ∂s/∂b.
    @inline(__always)
    private func gate<Scalar: NetworkScalar>(
        _ normSquared: SIMD16<Scalar>, _ bias: SIMD16<Scalar>
    ) -> (SIMD16<Scalar>, SIMD16<Scalar>, SIMD16<Scalar>) {
        let softened = activation == .smooth ? normSquared + 1 : normSquared
        let inverse = Scalar.inverseSquareRoot(softened)
        let logistic = Scalar.logistic(softened * inverse + bias)
        var scale = logistic * inverse
        var biasSlope = logistic * (1 - logistic) * inverse
        var slope = (biasSlope - scale * inverse) * inverse * (1 / 2)
        if activation == .published {
            // 0·∞ is NaN, and so is everything made of it.
            scale = Scalar.clearing(scale, whereZero: softened)
            slope = Scalar.clearing(slope, whereZero: softened)
            biasSlope = Scalar.clearing(biasSlope, whereZero: softened)
        }
        return (scale, slope, biasSlope)
    }

    @inline(__always)
    private func normSquared<Scalar: NetworkScalar>(
        _ y: UnsafePointer<Scalar>, _ first: Int, _ stride: Int, _ dimension: Int, _ sites: Int, _ s: Int
    ) -> SIMD16<Scalar> {
        var sum = SIMD16<Scalar>.zero
        for c in 0..<dimension {
            let value = load(y + (first + c * stride) * sites, s)
            sum += value * value
        }
        return sum
    }
}
