/// One quantity on 64 neighbouring sites of a tile: four vectors, so that several of them fit the registers at once.
struct SiteVectors<Scalar: NetworkScalar> {
    private var a: SIMD16<Scalar>
    private var b: SIMD16<Scalar>
    private var c: SIMD16<Scalar>
    private var d: SIMD16<Scalar>

    /// Sites of one such value; a tile holds a multiple.
    @inline(__always)
    static var count: Int { 64 }

    @inline(__always)
    static var zero: Self { Self(a: .zero, b: .zero, c: .zero, d: .zero) }

    @inline(__always)
    private init(a: SIMD16<Scalar>, b: SIMD16<Scalar>, c: SIMD16<Scalar>, d: SIMD16<Scalar>) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    @inline(__always)
    init(_ row: UnsafeMutablePointer<Scalar>) { self.init(UnsafePointer(row)) }

    @inline(__always)
    init(_ row: UnsafePointer<Scalar>) {
        self.init(a: load(row, 0), b: load(row, 16), c: load(row, 32), d: load(row, 48))
    }

    @inline(__always)
    func store(_ row: UnsafeMutablePointer<Scalar>) {
        LearnedForces.store(a, row, 0)
        LearnedForces.store(b, row, 16)
        LearnedForces.store(c, row, 32)
        LearnedForces.store(d, row, 48)
    }

    /// self += x·w
    @inline(__always)
    mutating func add(_ x: Self, times w: Scalar) {
        let w = SIMD16(repeating: w)
        a.addProduct(x.a, w)
        b.addProduct(x.b, w)
        c.addProduct(x.c, w)
        d.addProduct(x.d, w)
    }

    /// self += x·y, site by site
    @inline(__always)
    mutating func add(_ x: Self, times y: Self) {
        a.addProduct(x.a, y.a)
        b.addProduct(x.b, y.b)
        c.addProduct(x.c, y.c)
        d.addProduct(x.d, y.d)
    }

    /// Σ over sites of self·x.
    @inline(__always)
    func product(_ x: Self) -> Scalar {
        var sum = a * x.a
        sum.addProduct(b, x.b)
        sum.addProduct(c, x.c)
        sum.addProduct(d, x.d)
        return sum.sum()
    }

    /// row += self·w
    @inline(__always)
    func add(to row: UnsafeMutablePointer<Scalar>, times w: Scalar) {
        var sum = Self(row)
        sum.add(self, times: w)
        sum.store(row)
    }
}

@inline(__always)
func load<Scalar: NetworkScalar>(_ x: UnsafePointer<Scalar>, _ s: Int) -> SIMD16<Scalar> {
    UnsafeRawPointer(x + s).loadUnaligned(as: SIMD16<Scalar>.self)
}

@inline(__always)
func load<Scalar: NetworkScalar>(_ x: UnsafeMutablePointer<Scalar>, _ s: Int) -> SIMD16<Scalar> {
    UnsafeRawPointer(x + s).loadUnaligned(as: SIMD16<Scalar>.self)
}

@inline(__always)
func store<Scalar: NetworkScalar>(_ value: SIMD16<Scalar>, _ x: UnsafeMutablePointer<Scalar>, _ s: Int) {
    UnsafeMutableRawPointer(x + s).storeBytes(of: value, as: SIMD16<Scalar>.self)
}
