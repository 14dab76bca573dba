/// One real number in each of several lanes: what is computed for one site, or for one pole, is computed for several at once.
///
/// Patches have neighbouring sites in the lanes, so that every load is contiguous for a bond in any direction and any number
/// of poles fills the vector units. Sparse inverses have poles in them, or blocks of the lattice: all these matrices have the
/// same structure, and the vector units are full however small they are.
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
