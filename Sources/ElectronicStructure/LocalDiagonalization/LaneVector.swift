/// One real number for each of several neighbouring sites: what is computed for one site is computed for all of them.
///
/// Sites along the first direction lie next to one another, so every load is contiguous for a bond in any direction. With the
/// sites rather than the poles in the lanes, any number of poles fills the vector units.
protocol LaneVector: SIMD, BitwiseCopyable, SendableMetatype
where Scalar: BinaryFloatingPoint & BitwiseCopyable & SendableMetatype {
    /// −x as a change of sign, which fuses with a product; the operator of the standard library subtracts from zero.
    static func negated(_ x: Self) -> Self
}

extension SIMD16<Float>: LaneVector {
    @inline(__always)
    static func negated(_ x: Self) -> Self {
        let bits = unsafeBitCast(x, to: SIMD16<UInt32>.self) ^ SIMD16<UInt32>(repeating: 1 << 31)
        return unsafeBitCast(bits, to: Self.self)
    }
}

extension SIMD8<Double>: LaneVector {
    @inline(__always)
    static func negated(_ x: Self) -> Self {
        let bits = unsafeBitCast(x, to: SIMD8<UInt64>.self) ^ SIMD8<UInt64>(repeating: 1 << 63)
        return unsafeBitCast(bits, to: Self.self)
    }
}
