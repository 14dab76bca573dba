import Communication
import LatticeNumerics
import Synchronization

/// Long arrays that are spread over ranks, in an HDF5 file of compressed chunks whose bytes depend neither on ranks nor on threads.
///
/// A chunk is a unit of the ``SlabLayout``. The rank that has it compresses it; the first rank gathers the chunks in their order,
/// some MiB at a time, and writes them. (Parallel HDF5, where every rank writes, would order them by chance, and bring a second
/// library.) A rank needs memory for the compressed slab of one array.
public enum CompressedSlabs {
    /// What is gathered at a time, in bytes before compression.
    private static let piece = 1 << 22

    /// Writes the file at `path` within ``AtomicFile``: it is there in full or not at all.
    ///
    /// Collective: all ranks call it with the same arguments but their own slabs, and a failure on any is thrown on all.
    ///
    /// - Parameters:
    ///   - arrays: their paths in the file, each a `float64` dataset along one axis, or along two with several components.
    ///   - components: of an array, how many values it has for each of `layout`.
    ///   - attributes: whole numbers at the root.
    ///   - unit: of an array, as `HDF5File.create` takes it.
    ///   - layout: how every array of one component is spread.
    ///   - pool: compresses on this rank.
    ///   - waits: whether the file outlives a power cut when this returns; else the first rank hands it to ``UnsyncedFiles``.
    ///   - slab: this rank's part of an array, asked for in the order of `arrays`; used before it is asked for the next. nil (on
    ///     all ranks) stands for an array of NaN. It may communicate, and must fail on all ranks or on none.
    /// - Throws: ``StorageError`` `.notFinite`, `.outOfSpace` or `.unwritable`; a file that was there is then untouched.
    public static func write(
        to path: String, arrays: [String], components: (String) -> Int = { _ in 1 }, attributes: [String: Int] = [:],
        unit: @escaping @Sendable (_ path: String) -> String? = { _ in nil }, layout: SlabLayout,
        communicator: any Communicator, pool: WorkerPool, waits: Bool = true,
        slab: (String) throws -> UnsafeBufferPointer<Double>?
    ) throws {
        try AtomicFile.replace(path, by: communicator, waits: waits) { temporaryPath in
            let file = try communicator.jointly {
                communicator.rank == 0 ? try create(temporaryPath, attributes: attributes, unit: unit) : nil
            }
            for name in arrays {
                let (slab, layout) = (try slab(name), layout.repeated(components(name)))
                try communicator.agree(on: notFinite(slab, name: name, path: path, pool: pool))
                // The ranks compress all their units at once, to work at the same time; one alone does a part after the other, which
                // takes less memory.
                let part = communicator.size > 1 ? layout.unitCount : max(pool.threads, piece / (8 * layout.unit))
                try communicator.jointly { try file?.createCompressed(name, shape: layout.shape, chunk: layout.chunk) }
                for begin in stride(from: 0, to: layout.unitCount, by: part) {
                    let units = begin..<min(begin + part, layout.unitCount)
                    let own = units.clamped(to: layout.units)
                    let chunks = compressed(slab, own, layout: layout, pool: pool)
                    try write(chunks, own, of: units, of: name, to: file, layout: layout, communicator: communicator)
                }
            }
            try communicator.jointly { try file?.close() }
        }
    }

    private static func create(
        _ path: String, attributes: [String: Int], unit: @escaping @Sendable (_ path: String) -> String?
    ) throws -> HDF5File {
        let file = try HDF5File.create(path, version: .v110, unit: unit)
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { try file.writeAttribute(name, of: "/", value) }
        return file
    }

    /// The error of a slab with numbers that are not finite; nil if all are.
    private static func notFinite(
        _ slab: UnsafeBufferPointer<Double>?, name: String, path: String, pool: WorkerPool
    ) -> StorageError? {
        guard let slab else { return nil }
        // Read only, by threads that end before this returns.
        nonisolated(unsafe) let values = slab
        let share = 1 << 16
        let found = Atomic<Bool>(false)
        pool.forEach(count: (values.count + share - 1) / share) { index, _ in
            let part = values[index * share..<min((index + 1) * share, values.count)]
            if !part.allSatisfy(\.isFinite) { found.store(true, ordering: .relaxed) }
        }
        guard found.load(ordering: .relaxed) else { return nil }
        return StorageError(
            .notFinite, path: path, problem: "'\(name)' holds numbers that are not finite; only finite numbers are allowed")
    }

    /// Units of this rank, each compressed.
    private static func compressed(
        _ slab: UnsafeBufferPointer<Double>?, _ units: Range<Int>, layout: SlabLayout, pool: WorkerPool
    ) -> [[UInt8]] {
        precondition(slab == nil || slab!.count == layout.range.count, "the slab of this rank")
        // Read only, by threads that end before this returns.
        nonisolated(unsafe) let slab = slab
        let chunks = Mutex([[UInt8]](repeating: [], count: units.count))
        pool.forEach(count: units.count) { index, _ in
            let range = layout.slabRange(ofUnit: units.lowerBound + index)
            let chunk =
                if let slab {
                    CompressedChunk.compress(UnsafeBufferPointer(rebasing: slab[range]), count: layout.unit)
                } else {
                    [Double](repeating: .nan, count: range.count).withUnsafeBufferPointer {
                        CompressedChunk.compress($0, count: layout.unit)
                    }
                }
            chunks.withLock { $0[index] = chunk }
        }
        return chunks.withLock { $0 }
    }

    /// Brings the chunks of some units from all ranks to the first and into its file.
    ///
    /// - Parameters:
    ///   - chunks: those of this rank, one for each of the units `own`.
    ///   - units: of all ranks.
    private static func write(
        _ chunks: [[UInt8]], _ own: Range<Int>, of units: Range<Int>, of name: String, to file: HDF5File?, layout: SlabLayout,
        communicator: any Communicator
    ) throws {
        // A failure on the first rank waits until all chunks are gathered, because the others go on sending.
        var failure: StorageError?
        func attempt(_ body: () throws -> Void) {
            guard failure == nil else { return }
            do { try body() } catch {
                failure = error as? StorageError ?? StorageError(.unwritable, path: name, problem: "\(error)")
            }
        }
        let step = max(1, piece / (8 * layout.unit))
        for begin in stride(from: units.lowerBound, to: units.upperBound, by: step) {
            let sent = (begin..<min(begin + step, units.upperBound)).clamped(to: own)
            let message = sent.flatMap { unit in
                let chunk = chunks[unit - own.lowerBound]
                return withUnsafeBytes(of: UInt64(chunk.count).littleEndian, Array.init) + chunk
            }
            guard let messages = communicator.gather(message, to: 0) else { continue }
            attempt {
                let bytes = messages.flatMap(split)
                let pieces = bytes.enumerated().map { (offset: layout.offset(ofUnit: begin + $0), bytes: $1) }
                try file?.writeChunks(name, pieces)
            }
        }
        try communicator.agree(on: failure)
    }

    /// The chunks of a message, each of which has its length before it.
    private static func split(_ message: [UInt8]) -> [[UInt8]] {
        var rest = message[...]
        var chunks: [[UInt8]] = []
        while !rest.isEmpty {
            let size = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            chunks.append(Array(rest.dropFirst(8).prefix(size)))
            rest = rest.dropFirst(8 + size)
        }
        return chunks
    }
}
