/// A program with locations bound to planes, as ``LaneMachine`` executes it.
///
/// The machine decodes an instruction in about the time in which it executes one. Products of one kind that follow one another are
/// therefore one operation with a table, and their common number stays in registers.
struct BoundProgram {
    /// An instruction with offsets in bytes in place of slots and locations, or several products from place `first` of the table on.
    enum Operation {
        case diagonal(into: Int32, at: Int32)
        case load(into: Int32, at: Int32)
        case subtractLoaded(into: Int32, Int32, at: Int32)
        case invert(into: Int32, Int32)
        case multiply(into: Int32, Int32, Int32)
        case addOne(into: Int32, Int32)
        case add(into: Int32, Int32, Int32)
        case subtract(into: Int32, Int32, Int32)
        case addProduct(into: Int32, Int32, Int32, Int32)
        case subtractProduct(into: Int32, Int32, Int32, Int32)
        case scale(into: Int32, Int32, coefficient: Int32)
        case addScaled(into: Int32, Int32, Int32, coefficient: Int32)
        case subtractScaled(into: Int32, Int32, Int32, coefficient: Int32)
        case subtractScaledLoaded(into: Int32, Int32, at: Int32, coefficient: Int32)
        case magnitude(into: Int32, Int32)
        case store(Int32, at: Int32)
        case accumulate(Int32, at: Int32)
        case accumulateReal(Int32, at: Int32)
        case storeReal(Int32, at: Int32)
        case products(Kind, first: Int32, count: Int32)

        fileprivate init(
            _ instruction: LaneInstruction, slot: (Int32) -> Int32, location: (LaneProgram.Location) -> Int32
        ) {
            switch instruction {
            case .diagonal(let x, let y): self = .diagonal(into: slot(x), at: location(y))
            case .load(let x, let y): self = .load(into: slot(x), at: location(y))
            case .subtractLoaded(let x, let y, let z): self = .subtractLoaded(into: slot(x), slot(y), at: location(z))
            case .invert(let x, let y): self = .invert(into: slot(x), slot(y))
            case .multiply(let x, let y, let z): self = .multiply(into: slot(x), slot(y), slot(z))
            case .addOne(let x, let y): self = .addOne(into: slot(x), slot(y))
            case .add(let x, let y, let z): self = .add(into: slot(x), slot(y), slot(z))
            case .subtract(let x, let y, let z): self = .subtract(into: slot(x), slot(y), slot(z))
            case .addProduct(let x, let y, let z, let w): self = .addProduct(into: slot(x), slot(y), slot(z), slot(w))
            case .subtractProduct(let x, let y, let z, let w): self = .subtractProduct(into: slot(x), slot(y), slot(z), slot(w))
            case .scale(let x, let y, let z): self = .scale(into: slot(x), slot(y), coefficient: z)
            case .addScaled(let x, let y, let z, let w): self = .addScaled(into: slot(x), slot(y), slot(z), coefficient: w)
            case .subtractScaled(let x, let y, let z, let w):
                self = .subtractScaled(into: slot(x), slot(y), slot(z), coefficient: w)
            case .subtractScaledLoaded(let x, let y, let z, let w):
                self = .subtractScaledLoaded(into: slot(x), slot(y), at: location(z), coefficient: w)
            case .magnitude(let x, let y): self = .magnitude(into: slot(x), slot(y))
            case .store(let x, let y): self = .store(slot(x), at: location(y))
            case .accumulate(let x, let y): self = .accumulate(slot(x), at: location(y))
            case .accumulateReal(let x, let y): self = .accumulateReal(slot(x), at: location(y))
            case .storeReal(let x, let y): self = .storeReal(slot(x), at: location(y))
            }
        }
    }

    /// What products that are one operation do.
    enum Kind {
        /// slot ← a·b
        case multiply
        /// slot ← c − a·b
        case subtract
        /// slot ← c + a·b, all with the a of the first
        case addWithOneFactor
        /// slot ← c + Σ a·b, with slot and c of the first
        case sum
    }

    /// The slots of a product a·b, of the number it is added to, and of the result.
    struct Product {
        let into: Int32
        var c: Int32 = 0
        let a: Int32
        let b: Int32
    }

    let operations: UnsafeMutableBufferPointer<Operation>
    private let products: UnsafeMutableBufferPointer<Product>

    /// - Parameters:
    ///   - slotBytes: from one slot to the next.
    ///   - location: the offset of a location in bytes.
    init(_ program: LaneProgram, slotBytes: Int, location: (LaneProgram.Location) -> Int32) {
        func slot(_ index: Int32) -> Int32 { index * Int32(slotBytes) }
        var (operations, products): ([Operation], [Product]) = ([], [])
        var run: Run?
        func end() {
            guard let ended = run, ended.products.count > 1 else {
                run = nil
                return
            }
            operations.removeLast(ended.products.count)
            operations.append(
                .products(ended.kind, first: Int32(products.count), count: Int32(ended.products.count)))
            products += ended.products
            run = nil
        }
        for instruction in program.instructions {
            let operation = Operation(instruction, slot: slot, location: location)
            let next = Run(operation)
            if let next, let longer = run?.followed(by: next) {
                run = longer
            } else {
                end()
                run = next
            }
            operations.append(operation)
        }
        end()
        self.operations = .allocate(capacity: operations.count)
        _ = self.operations.initialize(from: operations)
        self.products = .allocate(capacity: products.count)
        _ = self.products.initialize(from: products)
    }

    @inline(__always)
    func products(_ first: Int32, _ count: Int32) -> UnsafeBufferPointer<Product> {
        UnsafeBufferPointer(start: products.baseAddress! + Int(first), count: Int(count))
    }

    /// Frees the memory.
    func deallocate() {
        operations.deallocate()
        products.deallocate()
    }

    /// Products that can be one operation.
    private struct Run {
        var kind: Kind
        var products: [Product]

        /// Nil for an operation that is no product.
        init?(_ operation: Operation) {
            switch operation {
            case .multiply(let into, let a, let b): (kind, products) = (.multiply, [Product(into: into, a: a, b: b)])
            case .subtractProduct(let into, let c, let a, let b):
                (kind, products) = (.subtract, [Product(into: into, c: c, a: a, b: b)])
            case .addProduct(let into, let c, let a, let b):
                (kind, products) = (.addWithOneFactor, [Product(into: into, c: c, a: a, b: b)])
            default: return nil
            }
        }

        /// Nil if the two cannot be one run. A product may read the result of an earlier one, unless that stays in registers.
        func followed(by other: Run) -> Run? {
            let (first, last, next) = (products[0], products.last!, other.products[0])
            var run = self
            run.products.append(next)
            switch (kind, other.kind) {
            case (.multiply, .multiply), (.subtract, .subtract): return run
            case (.addWithOneFactor, .addWithOneFactor) where next.a == first.a && last.into != first.a: return run
            case (.addWithOneFactor, .addWithOneFactor) where products.count == 1, (.sum, .addWithOneFactor):
                run.kind = .sum
                let isSum = next.c == first.into && next.into == first.into
                return isSum && [first, next].allSatisfy { ![$0.a, $0.b].contains(first.into) } ? run : nil
            default: return nil
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
    static var slotBytes: Int { stripLength * MemoryLayout<ComplexLanes<Vector>>.stride + 64 }

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
            for operation in program.operations {
                switch operation {
                case .products(.multiply, let first, let count):
                    for product in program.products(first, count) {
                        let (into, a, b) = (slot(product.into), slot(product.a), slot(product.b))
                        for k in 0..<length { into[k] = a[k] * b[k] }
                    }
                case .products(.subtract, let first, let count):
                    for product in program.products(first, count) {
                        let (into, c, a, b) = (slot(product.into), slot(product.c), slot(product.a), slot(product.b))
                        for k in 0..<length { into[k] = c[k].subtracting(a[k], times: b[k]) }
                    }
                case .products(.addWithOneFactor, let first, let count):
                    let products = program.products(first, count)
                    let a = slot(products[0].a)
                    let (a0, a1, a2, a3) = (a[0], a[1], a[2], a[3])
                    for product in products {
                        let (into, c, b) = (slot(product.into), slot(product.c), slot(product.b))
                        into[0] = c[0].adding(a0, times: b[0])
                        into[1] = c[1].adding(a1, times: b[1])
                        into[2] = c[2].adding(a2, times: b[2])
                        into[3] = c[3].adding(a3, times: b[3])
                    }
                case .products(.sum, let first, let count):
                    let products = program.products(first, count)
                    let (into, c) = (slot(products[0].into), slot(products[0].c))
                    var (c0, c1, c2, c3) = (c[0], c[1], c[2], c[3])
                    for product in products {
                        let (a, b) = (slot(product.a), slot(product.b))
                        c0 = c0.adding(a[0], times: b[0])
                        c1 = c1.adding(a[1], times: b[1])
                        c2 = c2.adding(a[2], times: b[2])
                        c3 = c3.adding(a[3], times: b[3])
                    }
                    (into[0], into[1], into[2], into[3]) = (c0, c1, c2, c3)
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
    private func slot(_ offset: Int32) -> UnsafeMutablePointer<ComplexLanes<Vector>> {
        (slots + Int(offset)).assumingMemoryBound(to: ComplexLanes<Vector>.self)
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
