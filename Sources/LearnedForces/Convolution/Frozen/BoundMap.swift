/// A ``LinearMap`` with its addresses and coefficients in memory.
struct BoundMap {
    /// Numbers from the beginning of one of a worker's memories.
    struct Address {
        let memory: Int32
        let offset: Int32
    }

    typealias Pointers = UnsafeMutablePointer<UnsafeMutablePointer<Float>>

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

    /// Computes a strip of sites.
    ///
    /// - Parameters:
    ///   - memories: each at the first site of the strip.
    ///   - rows: room for the addresses of inputs, outputs and initial values.
    @inline(__always)
    func apply<Strip: SiteStrip>(_: Strip.Type, memories: Pointers, rows: Pointers) {
        resolve(inputs, inputCount, memories, rows)
        resolve(outputs, outputCount, memories, rows + inputCount)
        if let initial { resolve(initial, outputCount, memories, rows + (inputCount + outputCount)) }
        // Known counts make straight code: a loop's mispredicted end would take as long as the arithmetic in it.
        switch (inputCount, outputCount) {
        case (1, 1): forEachChannel { applyOne(Strip.self, rows, $0, $1, inputCount: 1) }
        case (4, 2): forEachChannel { applyTwo(Strip.self, rows, $0, $1, inputCount: 4) }
        case (4, 4): forEachChannel { applyFour(Strip.self, rows, $0, $1, inputCount: 4) }
        case (6, 4): forEachChannel { applyFour(Strip.self, rows, $0, $1, inputCount: 6) }
        case (8, 4): forEachChannel { applyFour(Strip.self, rows, $0, $1, inputCount: 8) }
        case (_, 1): forEachChannel { applyOne(Strip.self, rows, $0, $1, inputCount: inputCount) }
        case (_, 2): forEachChannel { applyTwo(Strip.self, rows, $0, $1, inputCount: inputCount) }
        default: forEachChannel { applyFour(Strip.self, rows, $0, $1, inputCount: inputCount) }
        }
    }

    @inline(__always)
    private func resolve(_ addresses: UnsafePointer<Address>, _ count: Int, _ memories: Pointers, _ rows: Pointers) {
        for k in 0..<count { rows[k] = memories[Int(addresses[k].memory)] + Int(addresses[k].offset) }
    }

    /// Calls `body` with the distances of a channel's inputs and outputs from the first channel's.
    @inline(__always)
    private func forEachChannel(_ body: (Int, Int) -> Void) {
        var (input, output) = (0, 0)
        for _ in 0..<channels {
            body(input, output)
            input &+= inputStride
            output &+= outputStride
        }
    }

    @inline(__always)
    private func applyOne<Strip: SiteStrip>(
        _: Strip.Type, _ rows: Pointers, _ input: Int, _ output: Int, inputCount: Int
    ) {
        let results = rows + inputCount
        var a: Strip = start(results + 1, output)
        for k in 0..<inputCount { a.add(Strip(rows[k] + input), times: coefficients[k]) }
        a.store(results[0] + output)
    }

    @inline(__always)
    private func applyTwo<Strip: SiteStrip>(
        _: Strip.Type, _ rows: Pointers, _ input: Int, _ output: Int, inputCount: Int
    ) {
        let results = rows + inputCount
        var a: Strip = start(results + 2, output)
        var b: Strip = start(results + 3, output)
        for k in 0..<inputCount {
            let x = Strip(rows[k] + input)
            let w = coefficients + 2 * k
            a.add(x, times: w[0])
            b.add(x, times: w[1])
        }
        a.store(results[0] + output)
        b.store(results[1] + output)
    }

    @inline(__always)
    private func applyFour<Strip: SiteStrip>(
        _: Strip.Type, _ rows: Pointers, _ input: Int, _ output: Int, inputCount: Int
    ) {
        let results = rows + inputCount
        var a: Strip = start(results + 4, output)
        var b: Strip = start(results + 5, output)
        var c: Strip = start(results + 6, output)
        var d: Strip = start(results + 7, output)
        for k in 0..<inputCount {
            let x = Strip(rows[k] + input)
            let w = coefficients + 4 * k
            a.add(x, times: w[0])
            b.add(x, times: w[1])
            c.add(x, times: w[2])
            d.add(x, times: w[3])
        }
        a.store(results[0] + output)
        b.store(results[1] + output)
        c.store(results[2] + output)
        d.store(results[3] + output)
    }

    @inline(__always)
    private func start<Strip: SiteStrip>(_ row: Pointers, _ output: Int) -> Strip {
        initial == nil ? Strip.zero : Strip(row[0] + output)
    }
}
