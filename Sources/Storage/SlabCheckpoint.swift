import Communication
import LatticeNumerics

/// The state of a long calculation whose arrays are spread over ranks, in one file whose bytes do not depend on the ranks.
///
/// A safetensors file: small tensors, which all ranks have, then the long arrays. Its metadata carry a digest of two levels:
/// the SHA-256 of the header, the small tensors, and the SHA-256 of every unit of every array. Every rank writes, reads and
/// digests its own units only, and no rank needs memory for more than a slab of one array. As with ``Checkpoint``, saving keeps
/// the one before beside it, and a damaged checkpoint never takes the place of a good one.
///
/// Everything here is collective: all ranks call it, with the same arguments but their own slabs, and a failure on any rank is
/// thrown on all.
public enum SlabCheckpoint {
    /// A checkpoint found on the disk.
    public struct Restored: Sendable {
        /// The small tensors and the metadata, the digest verified.
        public let contents: Safetensors
        /// The file it came from: the path asked for, or the one before it.
        public let path: String
        /// Why the newest could not be used, and that it was made with another arithmetic; nil if neither is so.
        public let warning: String?
    }

    /// Writes a checkpoint to `path`; a valid one that was there becomes `path.previous`.
    ///
    /// - Parameters:
    ///   - tensors: small ones of `int64` or `float64`, equal on all ranks.
    ///   - metadata: equal on all ranks; the keys `checkpoint.sha256`, `checkpoint.unit` and `checkpoint.arithmetic` are taken.
    ///   - slabs: names of the long arrays.
    ///   - layout: how each of them is spread.
    ///   - slab: this rank's part of an array, asked for in the order of `slabs`; used before it is asked for the next. It may
    ///     communicate, and must fail on all ranks or on none.
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`; what was there can then still be loaded.
    public static func save(
        to path: String, tensors: [Safetensors.Tensor], metadata: [String: String], slabs: [String], layout: SlabLayout,
        communicator: any Communicator, slab: (String) throws -> UnsafeBufferPointer<Double>
    ) throws {
        // That of the first rank: processors of others may have other kernels, and the header is one.
        let arithmetic = String(decoding: communicator.broadcast(Array(BLAS.arithmetic.utf8), from: 0), as: UTF8.self)
        let header = SlabCheckpointHeader(
            tensors: tensors, metadata: metadata, arithmetic: arithmetic, slabs: slabs, layout: layout)
        try AtomicFile.replace(path, by: communicator, waits: true) { temporaryPath in
            try write(header, to: temporaryPath, slabs: slabs, layout: layout, communicator: communicator, slab: slab)
            // The new file is complete and on the disk before the old one gives up its name.
            let isValid = (try? read(path, slabs: slabs, layout: layout, communicator: communicator)) != nil
            try communicator.jointly {
                guard isValid, communicator.rank == 0 else { return }
                try AtomicFile.rename(path, to: CheckpointPair.previousPath(of: path))
            }
        }
    }

    /// Loads the newest valid checkpoint at `path` or `path.previous`; nil if there is neither file.
    ///
    /// - Parameters:
    ///   - slabs: names of the long arrays, in the order in which they were saved.
    ///   - layout: how each of them is to be spread: over any number of ranks, but in the units in which they were saved.
    ///   - receive: gets this rank's part of each array in the order of `slabs`, for the duration of the call. It is valid only
    ///     when this method has returned: after a damaged file all arrays come again from the file before. It may communicate,
    ///     and must fail on all ranks or on none.
    /// - Throws: ``StorageError`` if there are files but none is valid.
    public static func load(
        _ path: String, slabs: [String], layout: SlabLayout, communicator: any Communicator,
        receive: (String, UnsafeBufferPointer<Double>) throws -> Void
    ) throws -> Restored? {
        try CheckpointPair.newest(at: path) {
            try read($0, slabs: slabs, layout: layout, communicator: communicator, receive)
        }.map { Restored(contents: $0.contents, path: $0.path, warning: $0.warning) }
    }

    private static func write(
        _ header: SlabCheckpointHeader, to path: String, slabs: [String], layout: SlabLayout, communicator: any Communicator,
        slab: (String) throws -> UnsafeBufferPointer<Double>
    ) throws {
        try communicator.jointly {
            guard communicator.rank == 0 else { return }
            try FileDescriptor.creating(path).reserve(header.fileSize(slabs: slabs.count))
        }
        let file = try communicator.jointly { try FileDescriptor.writing(path) }
        var digests: [UInt8] = []
        for (index, name) in slabs.enumerated() {
            let values = try slab(name)
            precondition(values.count == layout.range.count, "the slab of this rank")
            let own = try communicator.jointly {
                var own: [UInt8] = []
                for unit in layout.units {
                    let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[layout.slabRange(ofUnit: unit)]))
                    let digest = RunningDigest()
                    digest.update(bytes)
                    own += digest.finish()
                    try file.write(bytes, at: header.offset(ofSlab: index, value: layout.range(ofUnit: unit).lowerBound))
                }
                return own
            }
            digests += communicator.gather(own, to: 0)?.flatMap(\.self) ?? []
        }
        // Every rank, because what another machine has written is not on the disk before that machine says so.
        try communicator.jointly { try file.synchronize() }
        try communicator.jointly {
            guard communicator.rank == 0 else { return }
            try header.bytes(digest: header.digest(units: digests)).withUnsafeBytes { try file.write($0, at: 0) }
            try file.synchronize()
        }
    }

    /// Reads and verifies a file; `receive` gets the slabs.
    private static func read(
        _ path: String, slabs: [String], layout: SlabLayout, communicator: any Communicator,
        _ receive: (String, UnsafeBufferPointer<Double>) throws -> Void = { _, _ in }
    ) throws -> (contents: Safetensors, arithmetic: String?) {
        let (header, file) = try communicator.jointly {
            (try SlabCheckpointHeader(reading: path, slabs: slabs, layout: layout), try FileDescriptor.reading(path))
        }
        let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: layout.range.count)
        defer { buffer.deallocate() }
        var digests: [UInt8] = []
        for (index, name) in slabs.enumerated() {
            let own = try communicator.jointly {
                var own: [UInt8] = []
                for unit in layout.units {
                    let values = UnsafeMutableBufferPointer(rebasing: buffer[layout.slabRange(ofUnit: unit)])
                    try file.read(
                        into: UnsafeMutableRawBufferPointer(values),
                        at: header.offset(ofSlab: index, value: layout.range(ofUnit: unit).lowerBound))
                    let digest = RunningDigest()
                    digest.update(UnsafeRawBufferPointer(values))
                    own += digest.finish()
                    try ArrayShape.requireFinite(values, shape: [values.count], subject: "unit \(unit) of '\(name)'", path: path)
                }
                return own
            }
            digests += communicator.gather(own, to: 0)?.flatMap(\.self) ?? []
            try receive(name, UnsafeBufferPointer(buffer))
        }
        try communicator.jointly {
            guard communicator.rank != 0 || header.digest(units: digests) == header.digest else {
                throw StorageError(
                    .malformed, path: path, problem: "is damaged: its contents do not match the SHA-256 in its metadata")
            }
        }
        return (header.contents, header.arithmetic)
    }
}
