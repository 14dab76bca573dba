/// A constant array that is read in innermost loops, without bounds checks and reference counts.
typealias Table<Element> = UnsafeBufferPointer<Element>

/// Owns the memory of tables: they are valid as long as the arena is.
///
/// `@unchecked Sendable`: tables are made before the arena is shared and never written again.
final class TableArena: @unchecked Sendable {
    private var memory: [UnsafeMutableRawPointer] = []

    deinit {
        for memory in memory { memory.deallocate() }
    }

    /// A table of the same elements.
    func table<Element: BitwiseCopyable>(_ elements: [Element]) -> Table<Element> {
        let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, elements.count))
        memory.append(UnsafeMutableRawPointer(buffer.baseAddress!))
        _ = buffer.initialize(from: elements)
        return Table(rebasing: buffer[..<elements.count])
    }
}
