/// Normal numbers from random bits, in arithmetic alone.
///
/// Nothing here branches or calls a library, so a loop over ``normals(_:_:)`` becomes vector instructions, and the result has
/// the same bits on every machine. Each function is accurate to about one unit in the last place.
enum BoxMuller {
    /// Two independent normal numbers from twice 53 random bits: √(−2 ln u) (cos 2πw, sin 2πw), u in (0, 1], w in [0, 1).
    @inline(__always)
    static func normals(_ first: UInt64, _ second: UInt64) -> (Double, Double) {
        let u = (Double(Int64(bitPattern: first >> 11)) + 0.5) * 0x1p-53
        let radius = squareRoot(0 - 2 * logarithm(u))
        let (cosine, sine) = unitVector(second >> 11)
        return (radius * cosine, radius * sine)
    }

    /// √a of 0 ≤ a < 10³, by Newton's iteration for 1/√a and one for the root itself.
    ///
    /// `squareRoot()` may call the C library to report a negative argument, which keeps a loop from becoming vector code.
    @inline(__always)
    static func squareRoot(_ a: Double) -> Double {
        var inverse = Double(bitPattern: 0x5FE6_EB50_C7B5_37A9 &- (a.bitPattern >> 1))
        for _ in 0..<4 { inverse = inverse * (1.5 - 0.5 * a * inverse * inverse) }
        let root = a * inverse
        return root + 0.5 * inverse * (a - root * root)
    }

    /// ln u of a normal number u in (0, 1]: u = 2ᵉ m with m in [√½, √2) and ln m = 2 artanh((m − 1)/(m + 1)).
    ///
    /// Coefficients: FreeBSD msun, e_log.c (Sun Microsystems, 1993).
    @inline(__always)
    static func logarithm(_ u: Double) -> Double {
        let bits = Int64(bitPattern: u.bitPattern)
        let exponent = (bits &- 0x3FE6_A09E_667F_3BCD) >> 52
        let f = Double(bitPattern: UInt64(bitPattern: bits &- (exponent << 52))) - 1
        let e = Double(exponent)
        let s = f / (2 + f)
        let z = s * s
        let w = z * z
        let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
        let odd =
            z
            * (6.666666666666735130e-01
                + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
        let halfSquare = 0.5 * f * f
        return e * 6.93147180369123816490e-01
            - ((halfSquare - (s * (halfSquare + even + odd) + e * 1.90821492927058770002e-10)) - f)
    }

    /// cos 2πw and sin 2πw for w = turn·2⁻⁵³, turn below 2⁵³: the nearest quarter turn is taken off exactly.
    ///
    /// Coefficients: FreeBSD msun, k_cos.c and k_sin.c (Sun Microsystems, 1993).
    @inline(__always)
    static func unitVector(_ turn: UInt64) -> (Double, Double) {
        let quarter = (turn &+ (1 << 50)) >> 51
        let x = Double(Int64(bitPattern: turn &- (quarter << 51))) * (Double.pi / 2 * 0x1p-51)
        let z = x * x
        let sine =
            x + x * z
            * (-1.66666666666666324348e-01
                + z
                * (8.33333333332248946124e-03 + z
                    * (-1.98412698298579493134e-04
                        + z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))))
        let cosine =
            1
            - (0.5 * z - z * z
                * (4.16666666666666019037e-02
                    + z
                    * (-1.38888888888741095749e-03 + z
                        * (2.48015872894767294178e-05
                            + z
                            * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 - z * 1.13596475577881948265e-11))))))
        let isOdd = quarter & 1 == 1
        let horizontal = isOdd ? sine : cosine
        let vertical = isOdd ? cosine : sine
        return (
            Double(bitPattern: horizontal.bitPattern ^ (((quarter &+ 1) & 2) << 62)),
            Double(bitPattern: vertical.bitPattern ^ ((quarter & 2) << 62))
        )
    }
}
