/// The memory of one thread: the slabs of every layer's input that are still read, and the scratch rows of a strip of sites.
///
/// `@unchecked Sendable`: a thread at a time uses an instance.
final class FrozenWorkspace: @unchecked Sendable {
    /// Sites of a strip, and so numbers of a scratch row: three vectors.
    static let strip = 48

    /// rings[l]: `depth` slabs of the input of layer l, and one slab of the last layer's output.
    let rings: [Ring]
    let scratch: UnsafeMutablePointer<Float>
    /// Displacements of a slab.
    let displacement: UnsafeMutablePointer<Double>
    /// Where a layer's memories begin: input slabs from the first to the last, output slab, scratch; and more pointers.
    let memories: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    /// The slabs that follow one another along the sweep.
    struct Ring {
        let slabs: UnsafeMutablePointer<Float>
        let depth: Int
        let slabLength: Int

        @inline(__always)
        func slab(_ index: Int) -> UnsafeMutablePointer<Float> { slabs + index % depth * slabLength }
    }

    init(rows: [Int], depths: [Int], length: Int, scratchRows: Int, pointers: Int) {
        func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
            return memory.initializeMemory(as: Float.self, repeating: 0, count: count)
        }
        rings = zip(rows, depths).map { rows, depth in
            Ring(slabs: allocate(rows * length * depth), depth: depth, slabLength: rows * length)
        }
        scratch = allocate(scratchRows * Self.strip)
        displacement = .allocate(capacity: length)
        displacement.initialize(repeating: 0, count: length)
        memories = .allocate(capacity: pointers)
        memories.initialize(repeating: scratch, count: pointers)
    }

    deinit {
        for ring in rings { ring.slabs.deallocate() }
        scratch.deallocate()
        displacement.deallocate()
        memories.deallocate()
    }
}
