/// One complex number for each of eight poles: what is computed for one pole is computed for eight at once.
///
/// All poles of an expansion see the same sparse matrix with another shift, so one sequence of operations serves them all and
/// the vector units are full however small the matrices are.
struct PoleLanes<Scalar: BinaryFloatingPoint & SIMDScalar>: BitwiseCopyable
where Scalar.SIMD8Storage: BitwiseCopyable {
    var real: SIMD8<Scalar>
    var imaginary: SIMD8<Scalar>

    @inline(__always)
    static var zero: Self { Self(real: .zero, imaginary: .zero) }

    @inline(__always)
    init(real: SIMD8<Scalar>, imaginary: SIMD8<Scalar>) {
        self.real = real
        self.imaginary = imaginary
    }

    /// Poles of one value.
    @inline(__always)
    static var count: Int { 8 }

    /// self + x·y
    @inline(__always)
    mutating func add(_ x: Self, times y: Self) {
        real.addProduct(x.real, y.real)
        real.addProduct(-x.imaginary, y.imaginary)
        imaginary.addProduct(x.real, y.imaginary)
        imaginary.addProduct(x.imaginary, y.real)
    }

    /// self − x·y
    @inline(__always)
    mutating func subtract(_ x: Self, times y: Self) {
        real.addProduct(-x.real, y.real)
        real.addProduct(x.imaginary, y.imaginary)
        imaginary.addProduct(-x.real, y.imaginary)
        imaginary.addProduct(-x.imaginary, y.real)
    }

    @inline(__always)
    static func * (x: Self, y: Self) -> Self {
        var product = Self(real: x.real * y.real, imaginary: x.real * y.imaginary)
        product.real.addProduct(-x.imaginary, y.imaginary)
        product.imaginary.addProduct(x.imaginary, y.real)
        return product
    }

    /// |z|²
    @inline(__always)
    var squaredMagnitude: SIMD8<Scalar> { (real * real).addingProduct(imaginary, imaginary) }

    /// 1/z, of a z whose squared magnitude neither overflows nor underflows.
    @inline(__always)
    var reciprocal: Self {
        let scale = 1 / squaredMagnitude
        return Self(real: real * scale, imaginary: -imaginary * scale)
    }
}
