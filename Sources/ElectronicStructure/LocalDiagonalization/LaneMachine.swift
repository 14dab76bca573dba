/// A program with locations bound to planes, as ``LaneMachine`` executes it.
///
/// The machine takes about as long to find out what an instruction is as to execute it. So products of one kind that follow one
/// another are one instruction with a table; those of a row also have one factor, which stays in registers.
struct BoundProgram {
    /// The slots of a product a·b, of what it is added to, and of the result.
    struct Product {
        let into: Int32
        let c: Int32
        let a: Int32
        let b: Int32
    }

    let instructions: UnsafeMutableBufferPointer<LaneInstruction<Int32>>
    let products: UnsafeMutableBufferPointer<Product>

    init(_ program: LaneProgram, location: (LaneProgram.Location) -> Int32) {
        var (bound, products): ([LaneInstruction<Int32>], [Product]) = ([], [])
        var run: Run?
        func end() {
            guard let ended = run else { return }
            bound.append(ended.instruction(first: products.count))
            if ended.products.count > 1 { products += ended.products }
            run = nil
        }
        for instruction in program.instructions {
            guard let next = Run(instruction) else {
                end()
                bound.append(instruction.map(slot: { $0 }, location: location))
                continue
            }
            if let longer = run?.followed(by: next) {
                run = longer
            } else {
                end()
                run = next
            }
        }
        end()
        instructions = .allocate(capacity: bound.count)
        _ = instructions.initialize(from: bound)
        self.products = .allocate(capacity: products.count)
        _ = self.products.initialize(from: products)
    }

    @inline(__always)
    func products(_ first: Int32, _ count: Int32) -> UnsafeBufferPointer<Product> {
        UnsafeBufferPointer(start: products.baseAddress! + Int(first), count: Int(count))
    }

    /// Frees the memory.
    func deallocate() {
        instructions.deallocate()
        products.deallocate()
    }

    /// Products that one instruction can do.
    private struct Run {
        enum Kind { case multiply, subtract, row, sum }
        /// Those that the products may be; more than one only for a single addition.
        var kinds: Set<Kind>
        var products: [Product]

        init?(_ instruction: LaneInstruction<LaneProgram.Location>) {
            switch instruction {
            case .multiply(let into, let a, let b): (kinds, products) = ([.multiply], [Product(into: into, c: 0, a: a, b: b)])
            case .subtractProduct(let into, let c, let a, let b):
                (kinds, products) = ([.subtract], [Product(into: into, c: c, a: a, b: b)])
            case .addProduct(let into, let c, let a, let b):
                (kinds, products) = ([.row, .sum], [Product(into: into, c: c, a: a, b: b)])
            default: return nil
            }
        }

        /// Nil if the two are no run. What one product of a run writes a later one may read, but for what stays in registers.
        func followed(by other: Run) -> Run? {
            let (first, last, next) = (products[0], products.last!, other.products[0])
            let possible = kinds.intersection(other.kinds).filter { kind in
                switch kind {
                case .multiply, .subtract: true
                case .row: next.a == first.a && last.into != first.a
                case .sum:
                    next.c == first.into && next.into == first.into && first.into != next.a && first.into != next.b
                        && first.into != first.a && first.into != first.b
                }
            }
            guard let kind = possible.contains(.row) ? .row : possible.first else { return nil }
            var run = self
            (run.kinds, run.products) = ([kind], products + other.products)
            return run
        }

        func instruction(first start: Int) -> LaneInstruction<Int32> {
            let (first, start, count) = (products[0], Int32(start), Int32(products.count))
            switch (kinds.first!, kinds.count, count) {
            case (.multiply, _, 1): return .multiply(into: first.into, first.a, first.b)
            case (.subtract, _, 1): return .subtractProduct(into: first.into, first.c, first.a, first.b)
            case (_, _, 1): return .addProduct(into: first.into, first.c, first.a, first.b)
            case (.multiply, _, _): return .multiplyAll(first: start, count: count)
            case (.subtract, _, _): return .subtractProducts(first: start, count: count)
            case (.row, _, _): return .addProducts(of: first.a, first: start, count: count)
            case (.sum, _, _): return .addSum(into: first.into, first.c, first: start, count: count)
            }
        }
    }
}

/// Executes programs for one pole and a strip of sites at a time.
struct LaneMachine<Vector: LaneVector> {
    /// Vectors in a strip: enough to hide the cost of reading an instruction, few enough for the slots to stay in cache.
    static var stripLength: Int { 4 }

    /// Bytes from one slot to the next: an odd number of cache lines, because a load waits for an earlier store to an address
    /// that is the same but for a multiple of 4096.
    private static var slotBytes: Int { stripLength * MemoryLayout<ComplexLanes<Vector>>.stride + 64 }

    /// The planes of a tile, at offsets in bytes that the locations of the instructions name.
    let planes: UnsafeMutableRawPointer
    /// Bytes from one plane to the next, so also from the real to the imaginary part of a complex plane.
    let planeBytes: Int
    /// Complex numbers of a strip, slot by slot.
    let slots: UnsafeMutableRawPointer
    /// What ends are multiplied by, the caller's for every pole.
    let coefficients: UnsafeMutableBufferPointer<Vector.Scalar>

    init(planeCount: Int, planeLength: Int, slotCount: Int, coefficientCount: Int) {
        planeBytes = Self.planeBytes(length: planeLength)
        planes = .allocate(byteCount: planeCount * planeBytes, alignment: 64)
        planes.initializeMemory(as: UInt8.self, repeating: 0, count: planeCount * planeBytes)
        slots = .allocate(byteCount: slotCount * Self.slotBytes, alignment: 64)
        coefficients = .allocate(capacity: coefficientCount)
        coefficients.initialize(repeating: 0)
    }

    /// Frees the memory.
    func deallocate() {
        planes.deallocate()
        slots.deallocate()
        coefficients.deallocate()
    }

    /// Bytes of a plane of so many numbers, in whole cache lines.
    static func planeBytes(length: Int) -> Int {
        (length * MemoryLayout<Vector.Scalar>.stride + 63) / 64 * 64
    }

    /// The numbers of a plane.
    func plane(_ index: Int) -> UnsafeMutablePointer<Vector.Scalar> {
        (planes + index * planeBytes).assumingMemoryBound(to: Vector.Scalar.self)
    }

    /// Sets planes to zero.
    func clear(_ range: Range<Int>) {
        (planes + range.lowerBound * planeBytes).initializeMemory(as: UInt8.self, repeating: 0, count: range.count * planeBytes)
    }

    /// Executes a program for the sites of a region.
    ///
    /// - Parameters:
    ///   - program: with locations bound to the planes.
    ///   - starts: the first site of every vector, ``stripLength`` of them for each strip.
    ///   - height: η, minus the imaginary part of the diagonal.
    ///   - weight: w, what the results of this pole count.
    @inline(__always)
    func execute(
        _ program: BoundProgram, starts: UnsafeMutableBufferPointer<Int32>, height: Vector.Scalar, weight: Vector.Scalar
    ) {
        let negativeHeight = Vector(repeating: -height)
        let weights = Vector(repeating: weight)
        let length = Self.stripLength
        for first in stride(from: 0, to: starts.count, by: length) {
            let start = starts.baseAddress! + first
            for instruction in program.instructions {
                switch instruction {
                case .diagonal(let into, let place):
                    for k in 0..<length {
                        slot(into)[k] = ComplexLanes(load(place, start[k]), negativeHeight)
                    }
                case .load(let into, let place):
                    for k in 0..<length { slot(into)[k] = loadComplex(place, start[k]) }
                case .subtractLoaded(let into, let c, let place):
                    for k in 0..<length { slot(into)[k] = slot(c)[k] - loadComplex(place, start[k]) }
                case .invert(let into, let a):
                    for k in 0..<length { slot(into)[k] = slot(a)[k].reciprocal }
                case .multiply(let into, let a, let b):
                    for k in 0..<length { slot(into)[k] = slot(a)[k] * slot(b)[k] }
                case .addOne(let into, let a):
                    for k in 0..<length { slot(into)[k] = ComplexLanes(slot(a)[k].real + 1, slot(a)[k].imaginary) }
                case .add(let into, let c, let a):
                    for k in 0..<length { slot(into)[k] = slot(c)[k] + slot(a)[k] }
                case .subtract(let into, let c, let a):
                    for k in 0..<length { slot(into)[k] = slot(c)[k] - slot(a)[k] }
                case .addProduct(let into, let c, let a, let b):
                    for k in 0..<length { slot(into)[k] = slot(c)[k].adding(slot(a)[k], times: slot(b)[k]) }
                case .subtractProduct(let into, let c, let a, let b):
                    for k in 0..<length { slot(into)[k] = slot(c)[k].subtracting(slot(a)[k], times: slot(b)[k]) }
                case .multiplyAll(let first, let count):
                    for product in program.products(first, count) {
                        let (into, a, b) = (slot(product.into), slot(product.a), slot(product.b))
                        for k in 0..<length { into[k] = a[k] * b[k] }
                    }
                case .subtractProducts(let first, let count):
                    for product in program.products(first, count) {
                        let (into, c, a, b) = (slot(product.into), slot(product.c), slot(product.a), slot(product.b))
                        for k in 0..<length { into[k] = c[k].subtracting(a[k], times: b[k]) }
                    }
                case .addProducts(let factor, let first, let count):
                    let a = slot(factor)
                    let (a0, a1, a2, a3) = (a[0], a[1], a[2], a[3])
                    for product in program.products(first, count) {
                        let (into, c, b) = (slot(product.into), slot(product.c), slot(product.b))
                        into[0] = c[0].adding(a0, times: b[0])
                        into[1] = c[1].adding(a1, times: b[1])
                        into[2] = c[2].adding(a2, times: b[2])
                        into[3] = c[3].adding(a3, times: b[3])
                    }
                case .addSum(let into, let start, let first, let count):
                    let c = slot(start)
                    var (c0, c1, c2, c3) = (c[0], c[1], c[2], c[3])
                    for product in program.products(first, count) {
                        let (a, b) = (slot(product.a), slot(product.b))
                        c0 = c0.adding(a[0], times: b[0])
                        c1 = c1.adding(a[1], times: b[1])
                        c2 = c2.adding(a[2], times: b[2])
                        c3 = c3.adding(a[3], times: b[3])
                    }
                    (slot(into)[0], slot(into)[1], slot(into)[2], slot(into)[3]) = (c0, c1, c2, c3)
                case .scale(let into, let a, let index):
                    let factor = coefficient(index)
                    for k in 0..<length {
                        slot(into)[k] = ComplexLanes(factor * slot(a)[k].real, factor * slot(a)[k].imaginary)
                    }
                case .addScaled(let into, let c, let a, let index):
                    let factor = coefficient(index)
                    for k in 0..<length { slot(into)[k] = Self.adding(slot(c)[k], factor, slot(a)[k]) }
                case .subtractScaled(let into, let c, let a, let index):
                    let factor = Vector.negated(coefficient(index))
                    for k in 0..<length { slot(into)[k] = Self.adding(slot(c)[k], factor, slot(a)[k]) }
                case .subtractScaledLoaded(let into, let c, let place, let index):
                    let factor = Vector.negated(coefficient(index))
                    for k in 0..<length { slot(into)[k] = Self.adding(slot(c)[k], factor, loadComplex(place, start[k])) }
                case .magnitude(let into, let a):
                    for k in 0..<length { slot(into)[k] = ComplexLanes(Self.magnitude(slot(a)[k]), .zero) }
                case .store(let a, let place):
                    for k in 0..<length { store(slot(a)[k], place, start[k]) }
                case .accumulate(let a, let place):
                    for k in 0..<length { store(loadComplex(place, start[k]) + slot(a)[k], place, start[k]) }
                case .accumulateReal(let a, let place):
                    for k in 0..<length {
                        address(place, start[k]).storeBytes(
                            of: load(place, start[k]).addingProduct(weights, slot(a)[k].real), as: Vector.self)
                    }
                case .storeReal(let a, let place):
                    for k in 0..<length { address(place, start[k]).storeBytes(of: slot(a)[k].real, as: Vector.self) }
                }
            }
        }
    }

    @inline(__always)
    private func slot(_ index: Int32) -> UnsafeMutablePointer<ComplexLanes<Vector>> {
        (slots + Int(index) * Self.slotBytes).assumingMemoryBound(to: ComplexLanes<Vector>.self)
    }

    @inline(__always)
    private func coefficient(_ index: Int32) -> Vector { Vector(repeating: coefficients[Int(index)]) }

    /// c + factor·a
    @inline(__always)
    private static func adding(_ c: ComplexLanes<Vector>, _ factor: Vector, _ a: ComplexLanes<Vector>) -> ComplexLanes<Vector> {
        ComplexLanes(c.real.addingProduct(factor, a.real), c.imaginary.addingProduct(factor, a.imaginary))
    }

    @inline(__always)
    private func address(_ place: Int32, _ site: Int32) -> UnsafeMutableRawPointer {
        planes + Int(place) + Int(site) * MemoryLayout<Vector.Scalar>.stride
    }

    @inline(__always)
    private func load(_ place: Int32, _ site: Int32) -> Vector {
        address(place, site).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    private func loadComplex(_ place: Int32, _ site: Int32) -> ComplexLanes<Vector> {
        let address = address(place, site)
        return ComplexLanes(
            address.loadUnaligned(as: Vector.self), address.loadUnaligned(fromByteOffset: planeBytes, as: Vector.self))
    }

    @inline(__always)
    private func store(_ value: ComplexLanes<Vector>, _ place: Int32, _ site: Int32) {
        let address = address(place, site)
        address.storeBytes(of: value.real, as: Vector.self)
        address.storeBytes(of: value.imaginary, toByteOffset: planeBytes, as: Vector.self)
    }

    /// |z|², but 1 where it is that of the energy ``noSite``: what does not exist takes no part in a determinant.
    @inline(__always)
    private static func magnitude(_ z: ComplexLanes<Vector>) -> Vector {
        let square = (z.real * z.real).addingProduct(z.imaginary, z.imaginary)
        return square.replacing(with: 1, where: square .> noSite * noSite / 4)
    }

    /// The energy of a site that does not exist: its Green's function vanishes.
    static var noSite: Vector.Scalar { 1e15 }
}
