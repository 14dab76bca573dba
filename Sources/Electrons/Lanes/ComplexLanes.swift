/// One complex number for each of several sites or poles.
struct ComplexLanes<Vector: LaneVector>: BitwiseCopyable {
    var real: Vector
    var imaginary: Vector

    @inline(__always)
    init(_ real: Vector, _ imaginary: Vector) {
        self.real = real
        self.imaginary = imaginary
    }

    @inline(__always)
    static var zero: Self { Self(.zero, .zero) }

    @inline(__always)
    static prefix func - (x: Self) -> Self { Self(Vector.negated(x.real), Vector.negated(x.imaginary)) }

    @inline(__always)
    static func + (x: Self, y: Self) -> Self { Self(x.real + y.real, x.imaginary + y.imaginary) }

    @inline(__always)
    static func - (x: Self, y: Self) -> Self { Self(x.real - y.real, x.imaginary - y.imaginary) }

    @inline(__always)
    static func * (x: Self, y: Self) -> Self {
        Self(
            (x.real * y.real).addingProduct(Vector.negated(x.imaginary), y.imaginary),
            (x.real * y.imaginary).addingProduct(x.imaginary, y.real))
    }

    /// self + x·y
    @inline(__always)
    func adding(_ x: Self, times y: Self) -> Self {
        Self(
            real.addingProduct(x.real, y.real).addingProduct(Vector.negated(x.imaginary), y.imaginary),
            imaginary.addingProduct(x.real, y.imaginary).addingProduct(x.imaginary, y.real))
    }

    /// self − x·y
    @inline(__always)
    func subtracting(_ x: Self, times y: Self) -> Self {
        Self(
            real.addingProduct(Vector.negated(x.real), y.real).addingProduct(x.imaginary, y.imaginary),
            imaginary.addingProduct(Vector.negated(x.real), y.imaginary).addingProduct(Vector.negated(x.imaginary), y.real))
    }

    /// |z|²
    @inline(__always)
    var squaredMagnitude: Vector { (real * real).addingProduct(imaginary, imaginary) }

    /// 1/z, of a z whose squared magnitude neither overflows nor underflows.
    @inline(__always)
    var reciprocal: Self {
        let scale = Vector(repeating: 1) / squaredMagnitude
        return Self(real * scale, Vector.negated(imaginary) * scale)
    }
}
