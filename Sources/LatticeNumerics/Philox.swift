/// The counter-based generator Philox4x32-10: a keyed bijection of 128-bit counters whose outputs pass as random.
///
/// Nothing is carried from one number to the next, so the number for (seed, step, site) is the same whichever thread
/// draws it and in whatever order.
///
/// Source: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC'11, doi:10.1145/2063384.2063405.
public enum Philox {
    /// Ten rounds of Philox4x32.
    ///
    /// - Parameters:
    ///   - counter: 128 bits, lowest word first.
    ///   - key: 64 bits, lowest word first.
    /// - Returns: 128 random bits.
    public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        let words = rounds((counter.x, counter.y, counter.z, counter.w), key: (key.x, key.y))
        return SIMD4(words.0, words.1, words.2, words.3)
    }

    /// The same on separate words, which a loop over counters turns into vector instructions.
    @inline(__always)
    static func rounds(
        _ counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let first = UInt64(c0) &* 0xD251_1F53
            let second = UInt64(c2) &* 0xCD9E_8D57
            (c0, c1, c2, c3) = (
                UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: first)
            )
            (k0, k1) = (k0 &+ 0x9E37_79B9, k1 &+ 0xBB67_AE85)
        }
        return (c0, c1, c2, c3)
    }
}
