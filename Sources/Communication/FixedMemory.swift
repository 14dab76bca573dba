/// Numbers at a fixed place, freed with their owner.
///
/// `@unchecked Sendable`: whoever has it uses it from one thread at a time, or different parts of it from several.
package final class FixedMemory: @unchecked Sendable {
    package let values: UnsafeMutableBufferPointer<Double>

    /// `count` zeros.
    package init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }
}
