/// What can become of a file on a bad disk.
enum ByteDamage: CaseIterable {
    case truncated, bitFlipped, bytesChanged, blockZeroed, blockRepeated, appended

    /// The bytes after it; never those before it, if there were any.
    func applied(to bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        guard !bytes.isEmpty else { return [0] }
        var damaged = bytes
        func place() -> Int { Int.random(in: 0..<bytes.count, using: &generator) }
        func block() -> Range<Int> {
            let start = place()
            return start..<min(bytes.count, start + Int.random(in: 1...512, using: &generator))
        }
        switch self {
        case .truncated: damaged.removeLast(bytes.count - place())
        case .bitFlipped: damaged[place()] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case .bytesChanged:
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                damaged[place()] = UInt8.random(in: 0...255, using: &generator)
            }
        case .blockZeroed: for index in block() { damaged[index] = 0 }
        case .blockRepeated:
            let source = block()
            let target = Int.random(in: 0...bytes.count - source.count, using: &generator)
            damaged.replaceSubrange(target..<target + source.count, with: bytes[source])
        case .appended: damaged += bytes.prefix(Int.random(in: 1...64, using: &generator))
        }
        if damaged == bytes { damaged[place()] ^= 0x10 }
        return damaged
    }
}
