/// Changes of a file that look for the weak places of its reader: numbers at their limits, lengths that do not fit, pieces that are
/// missing, doubled, moved or of another file.
enum StructuralMutation: CaseIterable {
    case bit, byte, number, digit, word, cut, removed, doubled, moved, spliced

    /// - Parameters:
    ///   - other: another sample of the format.
    ///   - words: words of the format.
    func apply(to bytes: inout [UInt8], other: [UInt8], words: [[UInt8]], _ generator: inout SeededGenerator) {
        guard bytes.count > 8 else {
            bytes += words.randomElement(using: &generator) ?? [0]
            return
        }
        func place() -> Int {
            // Headers decide most, and are at the beginning.
            Bool.random(using: &generator)
                ? Int.random(in: 0..<bytes.count, using: &generator)
                : Int.random(in: 0..<min(256, bytes.count), using: &generator)
        }
        func piece(of count: Int) -> Range<Int> {
            let start = min(place(), count - 1)
            return start..<min(count, start + Int.random(in: 1...64, using: &generator))
        }
        switch self {
        case .bit: bytes[place()] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case .byte: bytes[place()] = UInt8.random(in: 0...255, using: &generator)
        case .number:
            let limits: [UInt64] = [0, 1, 0xff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, .max, 1 << 40, 0x7ff8 << 48]
            let value = limits.randomElement(using: &generator)!
            let width = [1, 2, 4, 8].randomElement(using: &generator)!
            let start = min(place(), bytes.count - width)
            for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
        case .digit:
            // A number in a text, made longer, negative or another.
            let start = place()
            guard let index = bytes[start...].firstIndex(where: { (48...57).contains($0) }) else { return }
            let replacement = ["0", "9", "-1", "99999", "4294967296", "1e9", ""].randomElement(using: &generator)!
            bytes.replaceSubrange(index...index, with: Array(replacement.utf8))
        case .word: bytes.insert(contentsOf: words.randomElement(using: &generator) ?? [0], at: place())
        case .cut: bytes.removeLast(bytes.count - place())
        case .removed: bytes.removeSubrange(piece(of: bytes.count))
        case .doubled:
            let piece = piece(of: bytes.count)
            bytes.insert(contentsOf: Array(bytes[piece]), at: piece.upperBound)
        case .moved:
            let source = Array(bytes[piece(of: bytes.count)])
            let target = min(place(), bytes.count - source.count)
            bytes.replaceSubrange(target..<target + source.count, with: source)
        case .spliced:
            guard !other.isEmpty else { return }
            bytes.replaceSubrange(piece(of: bytes.count), with: other[piece(of: other.count)])
        }
    }
}
