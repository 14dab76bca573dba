/// One quantity on neighbouring sites of a row, in one, two or three vectors of sixteen.
protocol SiteStrip {
    /// How many vectors.
    static var vectors: Int { get }
    /// Zero on all sites.
    static var zero: Self { get }
    /// The numbers from `row` on.
    init(_ row: UnsafePointer<Float>)
    /// Writes them from `row` on.
    func store(_ row: UnsafeMutablePointer<Float>)
    /// self += x·weight, fused.
    mutating func add(_ x: Self, times weight: Float)
}

/// Sixteen sites.
struct SiteStrip1: SiteStrip {
    private var a: SIMD16<Float>

    @inline(__always) static var vectors: Int { 1 }
    @inline(__always) static var zero: Self { Self(a: .zero) }

    @inline(__always)
    private init(a: SIMD16<Float>) { self.a = a }

    @inline(__always)
    init(_ row: UnsafePointer<Float>) { a = load(row, 0) }

    @inline(__always)
    func store(_ row: UnsafeMutablePointer<Float>) { LearnedForces.store(a, row, 0) }

    @inline(__always)
    mutating func add(_ x: Self, times weight: Float) { a.addProduct(x.a, SIMD16(repeating: weight)) }
}

/// Thirty-two sites.
struct SiteStrip2: SiteStrip {
    private var a: SIMD16<Float>
    private var b: SIMD16<Float>

    @inline(__always) static var vectors: Int { 2 }
    @inline(__always) static var zero: Self { Self(a: .zero, b: .zero) }

    @inline(__always)
    private init(a: SIMD16<Float>, b: SIMD16<Float>) { (self.a, self.b) = (a, b) }

    @inline(__always)
    init(_ row: UnsafePointer<Float>) { self.init(a: load(row, 0), b: load(row, 16)) }

    @inline(__always)
    func store(_ row: UnsafeMutablePointer<Float>) {
        LearnedForces.store(a, row, 0)
        LearnedForces.store(b, row, 16)
    }

    @inline(__always)
    mutating func add(_ x: Self, times weight: Float) {
        let weight = SIMD16(repeating: weight)
        a.addProduct(x.a, weight)
        b.addProduct(x.b, weight)
    }
}

/// Forty-eight sites: with eight channels they fill twenty-four of the thirty-two registers.
struct SiteStrip3: SiteStrip {
    private var a: SIMD16<Float>
    private var b: SIMD16<Float>
    private var c: SIMD16<Float>

    @inline(__always) static var vectors: Int { 3 }
    @inline(__always) static var zero: Self { Self(a: .zero, b: .zero, c: .zero) }

    @inline(__always)
    private init(a: SIMD16<Float>, b: SIMD16<Float>, c: SIMD16<Float>) { (self.a, self.b, self.c) = (a, b, c) }

    @inline(__always)
    init(_ row: UnsafePointer<Float>) { self.init(a: load(row, 0), b: load(row, 16), c: load(row, 32)) }

    @inline(__always)
    func store(_ row: UnsafeMutablePointer<Float>) {
        LearnedForces.store(a, row, 0)
        LearnedForces.store(b, row, 16)
        LearnedForces.store(c, row, 32)
    }

    @inline(__always)
    mutating func add(_ x: Self, times weight: Float) {
        let weight = SIMD16(repeating: weight)
        a.addProduct(x.a, weight)
        b.addProduct(x.b, weight)
        c.addProduct(x.c, weight)
    }
}
