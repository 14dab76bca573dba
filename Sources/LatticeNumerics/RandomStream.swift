/// What a stream of random numbers is for: streams of different purposes never share a counter.
public enum RandomPurpose: UInt32, Sendable {
    /// Displacements of a hot start.
    case initialDisplacement = 1
    /// Velocities of a hot start.
    case initialVelocity = 2
    /// The noise of a heat bath.
    case thermalNoise = 3
    /// Weights of a network before training.
    case weightInitialization = 4
    /// The order in which training visits its samples.
    case batchOrder = 5
    /// Which trajectories are held out, and the seeds of the parts of a run.
    case splitting = 6
    /// Tests and benchmarks.
    case testing = 7
    /// Coefficients that must only be generic.
    case genericElement = 8
    /// The offset of blocks at a step.
    case blockOffset = 9
    /// Models around a fitted one.
    case posterior = 10
    /// Energies of sites in a disordered lattice.
    case onsiteEnergy = 11
}

/// Random numbers addressed by (seed, purpose, step, index), from ``Philox``.
///
/// The 128-bit counter is (index/2 mod 2³², step mod 2³², step / 2³², purpose + 16·(index/2 / 2³²)); the 64-bit key is the seed.
/// Two neighbouring indices share one block.
public struct RandomStream: Sendable {
    /// The 64-bit key.
    public let seed: UInt64
    /// What the numbers are for: a part of the counter.
    public let purpose: RandomPurpose

    /// The stream of a seed and a purpose; making one costs nothing.
    public init(seed: UInt64, purpose: RandomPurpose) {
        self.seed = seed
        self.purpose = purpose
    }

    /// The stream of the same purpose that belongs to part `index` of a larger run (a trajectory, a committee member).
    public func substream(_ index: Int) -> RandomStream {
        let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        let bits = Philox.block(counter: SIMD4(UInt32(truncatingIfNeeded: index), 0, 0, 0xFFFF_FFFF), key: key)
        return RandomStream(seed: UInt64(bits.x) | UInt64(bits.y) << 32, purpose: purpose)
    }

    @inline(__always)
    private func bits(step: UInt64, pair: UInt64) -> (UInt64, UInt64) {
        let words = Philox.rounds(
            (
                UInt32(truncatingIfNeeded: pair), UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32),
                purpose.rawValue &+ 16 &* UInt32(truncatingIfNeeded: pair >> 32)
            ),
            key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
        return (UInt64(words.0) | UInt64(words.1) << 32, UInt64(words.2) | UInt64(words.3) << 32)
    }

    /// A number uniform on [0, 1), in steps of 2⁻⁵³.
    public func uniform(step: Int, index: Int) -> Double {
        let pair = bits(step: UInt64(step), pair: UInt64(index >> 1))
        return Double((index & 1 == 0 ? pair.0 : pair.1) >> 11) * 0x1p-53
    }

    /// A number from the normal distribution of mean 0 and variance 1.
    public func normal(step: Int, index: Int) -> Double {
        let pair = normals(step: UInt64(step), pair: UInt64(index >> 1))
        return index & 1 == 0 ? pair.0 : pair.1
    }

    /// Fills `values[k]` with the normal number of (step, first + k).
    public func fillNormal(_ values: UnsafeMutableBufferPointer<Double>, step: Int, first: Int = 0) {
        guard let base = values.baseAddress, !values.isEmpty else { return }
        let head = first & 1
        if head == 1 { base[0] = normal(step: step, index: first) }
        let whole = (values.count - head) / 2
        let start = UInt64((first + head) >> 1)
        for k in 0..<whole {
            let pair = normals(step: UInt64(step), pair: start &+ UInt64(truncatingIfNeeded: k))
            base[head &+ 2 &* k] = pair.0
            base[head &+ 2 &* k &+ 1] = pair.1
        }
        let done = head + 2 * whole
        if done < values.count { base[done] = normal(step: step, index: first + done) }
    }

    /// `count` normal numbers of one step.
    public func normals(count: Int, step: Int) -> [Double] {
        var values = [Double](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { fillNormal($0, step: step) }
        return values
    }

    /// A permutation of 0..<count, uniform among all (Fisher–Yates).
    public func permutation(of count: Int, step: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, Int(uniform(step: step, index: last) * Double(last + 1)))
        }
        return order
    }

    /// Two independent normal numbers from one block of bits.
    @inline(__always)
    private func normals(step: UInt64, pair: UInt64) -> (Double, Double) {
        let (first, second) = bits(step: step, pair: pair)
        return BoxMuller.normals(first, second)
    }
}
