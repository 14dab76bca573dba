/// Numbers at a fixed place that begins at a multiple of 64 bytes, freed with their owner.
///
/// FFTW takes other instructions, which may round differently, where memory is aligned differently; here it always is the same.
///
/// `@unchecked Sendable`: whoever has it writes it from one thread at a time, or different parts of it from several.
public final class AlignedMemory: @unchecked Sendable {
    /// The first number.
    public let start: UnsafeMutablePointer<Double>
    /// How many there are.
    public let count: Int

    /// `count` numbers that are not set; memory is taken when it is first written.
    public init(count: Int) {
        precondition(count >= 0, "no negative count")
        self.count = count
        start = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 64)
            .bindMemory(to: Double.self, capacity: max(count, 1))
    }

    deinit { UnsafeMutableRawPointer(start).deallocate() }

    /// The smallest count ≥ `count` after which the next number is aligned again.
    public static func aligned(_ count: Int) -> Int { (count + 7) / 8 * 8 }
}
