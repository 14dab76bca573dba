/// A ``LinearMap`` with its addresses and coefficients in memory.
struct BoundMap {
    /// Numbers from the beginning of one of a worker's memories.
    struct Address {
        let memory: Int32
        let offset: Int32
    }

    let inputs: UnsafePointer<Address>
    let inputCount: Int
    /// Numbers from one channel to the next.
    let inputStride: Int
    let outputs: UnsafePointer<Address>
    let outputCount: Int
    let outputStride: Int
    /// Nil for zero.
    let initial: UnsafePointer<Address>?
    /// [input][output]
    let coefficients: UnsafePointer<Float>
    let channels: Int

    /// - Parameter memories: each at the first site of the strip.
    @inline(__always)
    func apply<Strip: SiteStrip>(_: Strip.Type, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>) {
        // Known counts make straight code: a loop's mispredicted end would take as long as the arithmetic in it.
        switch (inputCount, outputCount) {
        case (1, 1): for channel in 0..<channels { applyOne(Strip.self, memories, channel, inputCount: 1) }
        case (4, 2): for channel in 0..<channels { applyTwo(Strip.self, memories, channel, inputCount: 4) }
        case (4, 4): for channel in 0..<channels { applyFour(Strip.self, memories, channel, inputCount: 4) }
        case (6, 4): for channel in 0..<channels { applyFour(Strip.self, memories, channel, inputCount: 6) }
        case (8, 4): for channel in 0..<channels { applyFour(Strip.self, memories, channel, inputCount: 8) }
        case (_, 1): for channel in 0..<channels { applyOne(Strip.self, memories, channel, inputCount: inputCount) }
        case (_, 2): for channel in 0..<channels { applyTwo(Strip.self, memories, channel, inputCount: inputCount) }
        default: for channel in 0..<channels { applyFour(Strip.self, memories, channel, inputCount: inputCount) }
        }
    }

    @inline(__always)
    private func applyOne<Strip: SiteStrip>(
        _: Strip.Type, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>, _ channel: Int, inputCount: Int
    ) {
        var a: Strip = start(0, memories, channel)
        for k in 0..<inputCount { a.add(Strip(input(k, memories, channel)), times: coefficients[k]) }
        a.store(output(0, memories, channel))
    }

    @inline(__always)
    private func applyTwo<Strip: SiteStrip>(
        _: Strip.Type, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>, _ channel: Int, inputCount: Int
    ) {
        var a: Strip = start(0, memories, channel)
        var b: Strip = start(1, memories, channel)
        for k in 0..<inputCount {
            let x = Strip(input(k, memories, channel))
            let w = coefficients + 2 * k
            a.add(x, times: w[0])
            b.add(x, times: w[1])
        }
        a.store(output(0, memories, channel))
        b.store(output(1, memories, channel))
    }

    @inline(__always)
    private func applyFour<Strip: SiteStrip>(
        _: Strip.Type, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>, _ channel: Int, inputCount: Int
    ) {
        var a: Strip = start(0, memories, channel)
        var b: Strip = start(1, memories, channel)
        var c: Strip = start(2, memories, channel)
        var d: Strip = start(3, memories, channel)
        for k in 0..<inputCount {
            let x = Strip(input(k, memories, channel))
            let w = coefficients + 4 * k
            a.add(x, times: w[0])
            b.add(x, times: w[1])
            c.add(x, times: w[2])
            d.add(x, times: w[3])
        }
        a.store(output(0, memories, channel))
        b.store(output(1, memories, channel))
        c.store(output(2, memories, channel))
        d.store(output(3, memories, channel))
    }

    @inline(__always)
    private func start<Strip: SiteStrip>(
        _ index: Int, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>, _ channel: Int
    ) -> Strip {
        guard let initial else { return Strip.zero }
        return Strip(memories[Int(initial[index].memory)] + (Int(initial[index].offset) &+ channel &* outputStride))
    }

    @inline(__always)
    private func input(
        _ index: Int, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>, _ channel: Int
    ) -> UnsafePointer<Float> {
        UnsafePointer(memories[Int(inputs[index].memory)] + (Int(inputs[index].offset) &+ channel &* inputStride))
    }

    @inline(__always)
    private func output(
        _ index: Int, _ memories: UnsafePointer<UnsafeMutablePointer<Float>>, _ channel: Int
    ) -> UnsafeMutablePointer<Float> {
        memories[Int(outputs[index].memory)] + (Int(outputs[index].offset) &+ channel &* outputStride)
    }
}
