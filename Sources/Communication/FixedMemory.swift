/// Numbers at a fixed place, freed with their owner.
///
/// `@unchecked Sendable`: whoever has it uses it from one thread at a time, or different parts of it from several.
final class FixedMemory: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Double>

    /// `count` zeros.
    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }
}
