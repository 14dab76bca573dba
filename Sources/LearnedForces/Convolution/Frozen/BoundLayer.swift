/// A ``FrozenLayer`` with addresses in the memory of a ``StreamLayout``.
///
/// `@unchecked Sendable`: nothing is written after it is made.
final class BoundLayer: @unchecked Sendable {
    typealias Maps = UnsafeMutableBufferPointer<BoundMap>

    /// Slabs that it reads before and after the one it computes.
    let sweepReach: Int
    /// Pointers that ``compute(vectors:memories:)`` needs room for.
    let pointerCount: Int
    private let combinations: Maps
    private let transform: Maps
    private let results: Maps
    private let products: UnsafeMutableBufferPointer<BoundProduct>
    private let nonlinearity: FrozenLayer.Nonlinearity
    private let memory: ReadOnlyMemory

    /// Eight or four rows of a product.
    private struct BoundProduct {
        let weights: UnsafePointer<Float>
        let depth: Int
        let isWide: Bool
        let input: Int
        let output: Int
    }

    init(_ layer: FrozenLayer, layout: StreamLayout) {
        let strip = FrozenWorkspace.strip
        let reach = layer.reach.count > 1 ? layer.reach.last! : 0
        sweepReach = reach
        let maps = layer.combinations + layer.transform + layer.results
        pointerCount = 2 * reach + 3 + maps.map { $0.inputs.count + 2 * $0.outputs.count }.max()!
        var memory = ReadOnlyMemory()
        func address(_ place: LinearMap.Place) -> BoundMap.Address {
            switch place {
            case .input(let row, let cell):
                .init(
                    memory: Int32(reach + layout.sweepOffset(cell)), offset: Int32(row * layout.length + layout.offset(cell)))
            case .output(let row): .init(memory: Int32(2 * reach + 1), offset: Int32(row * layout.length))
            case .scratch(let row): .init(memory: Int32(2 * reach + 2), offset: Int32(row * strip))
            }
        }
        func stride(_ place: LinearMap.Place) -> Int {
            if case .scratch = place { strip } else { layout.length }
        }
        func bound(_ maps: [LinearMap]) -> Maps {
            let buffer = Maps.allocate(capacity: maps.count)
            _ = buffer.initialize(
                from: maps.map { map in
                    BoundMap(
                        inputs: memory.keep(map.inputs.map(address)), inputCount: map.inputs.count,
                        inputStride: stride(map.inputs[0]), outputs: memory.keep(map.outputs.map(address)),
                        outputCount: map.outputs.count, outputStride: stride(map.outputs[0]),
                        initial: map.initial.map { memory.keep($0.map(address)) },
                        coefficients: memory.keep(map.coefficients.joined().map(Float.init)), channels: map.channels)
                })
            return buffer
        }
        combinations = bound(layer.combinations)
        transform = bound(layer.transform)
        results = bound(layer.results)
        nonlinearity = layer.nonlinearity
        let bounds = layer.products.flatMap { product in
            let weights = memory.keep(product.panel.weights)
            return product.panel.blocks.map { block in
                BoundProduct(
                    weights: weights + block.firstWeight, depth: product.panel.depth, isWide: block.rows == 8,
                    input: product.inputRow * strip, output: (product.outputRow + block.firstRow) * strip)
            }
        }
        self.memory = memory
        products = .allocate(capacity: bounds.count)
        _ = products.initialize(from: bounds)
    }

    deinit {
        combinations.deallocate()
        transform.deallocate()
        results.deallocate()
        products.deallocate()
        memory.deallocate()
    }

    /// Computes `vectors` vectors of sites of a slab, from the place at which `memories` begin.
    ///
    /// - Parameter memories: input slabs and output slab at the first site, scratch, then room for more pointers:
    ///   ``pointerCount`` in all.
    func compute(vectors: Int, memories: BoundMap.Pointers) {
        let scratch = memories[2 * sweepReach + 2]
        compute(combinations, vectors: vectors, memories)
        multiply(vectors: vectors, scratch)
        compute(transform, vectors: vectors, memories)
        applyNonlinearity(vectors: vectors, scratch)
        compute(results, vectors: vectors, memories)
    }

    @inline(never)
    private func compute(_ maps: Maps, vectors: Int, _ memories: BoundMap.Pointers) {
        let rows = memories + (2 * sweepReach + 3)
        switch vectors {
        case 1: for map in maps { map.apply(SiteStrip1.self, memories: memories, rows: rows) }
        case 2: for map in maps { map.apply(SiteStrip2.self, memories: memories, rows: rows) }
        default: for map in maps { map.apply(SiteStrip3.self, memories: memories, rows: rows) }
        }
    }

    private func applyNonlinearity(vectors: Int, _ scratch: UnsafeMutablePointer<Float>) {
        let stride = FrozenWorkspace.strip
        switch nonlinearity {
        case .none: break
        case .tanh(let rows):
            RationalTangent.apply(
                to: scratch + rows.lowerBound * stride, rows: rows.count, count: 16 * vectors, stride: stride)
        case .norm(let blocks):
            for block in blocks {
                for channel in 0..<block.channels {
                    let row = scratch + (block.row + channel) * stride
                    for s in Swift.stride(from: 0, to: 16 * vectors, by: 16) {
                        var square = SIMD16<Float>(repeating: 1)
                        for k in 0..<block.components {
                            let y = load(row, k * block.step * stride + s)
                            square.addProduct(y, y)
                        }
                        let factor = Float.inverseSquareRoot(square)
                        for k in 0..<block.components {
                            let place = k * block.step * stride + s
                            store(load(row, place) * factor, row, place)
                        }
                    }
                }
            }
        }
    }

    @inline(never)
    private func multiply(vectors: Int, _ scratch: UnsafeMutablePointer<Float>) {
        switch vectors {
        case 1: multiply(SiteStrip1.self, scratch)
        case 2: multiply(SiteStrip2.self, scratch)
        default: multiply(SiteStrip3.self, scratch)
        }
    }

    @inline(__always)
    private func multiply<Strip: SiteStrip>(_ strip: Strip.Type, _ scratch: UnsafeMutablePointer<Float>) {
        let stride = FrozenWorkspace.strip
        for product in products {
            let (input, output) = (scratch + product.input, scratch + product.output)
            if product.isWide {
                multiplyEightRows(strip, product.weights, depth: product.depth, input, output, stride: stride)
            } else {
                multiplyFourRows(strip, product.weights, depth: product.depth, input, output, stride: stride)
            }
        }
    }
}

/// Constant arrays outside of Swift's, aligned to cache lines.
private struct ReadOnlyMemory {
    private var pointers: [UnsafeMutableRawPointer] = []

    mutating func keep<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafePointer<Element> {
        let pointer = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, values.count) * MemoryLayout<Element>.stride, alignment: 64)
        pointers.append(pointer)
        let typed = pointer.bindMemory(to: Element.self, capacity: max(1, values.count))
        typed.initialize(from: values, count: values.count)
        return UnsafePointer(typed)
    }

    func deallocate() { for pointer in pointers { pointer.deallocate() } }
}
