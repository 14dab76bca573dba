import Foundation
import LatticeNumerics

/// The state of a long calculation, kept so that it can go on after an interruption.
///
/// A checkpoint is a safetensors file whose metadata carries the SHA-256 of everything else in it. Saving keeps the one
/// before beside it, as `NAME.previous`, and a damaged checkpoint never takes the place of a good one.
public struct Checkpoint: Sendable, Equatable {
    /// A checkpoint found on the disk.
    public struct Restored: Sendable {
        /// The checkpoint, its digest verified.
        public let checkpoint: Checkpoint
        /// The file it came from: the path asked for, or the one before it.
        public let path: String
        /// Why the newest could not be used, and that it was made with another arithmetic; nil if neither is so.
        public let warning: String?
    }

    /// Arrays and text of the state, without the digest.
    public let contents: Safetensors

    static let digestKey = "checkpoint.sha256"

    /// A checkpoint of these arrays and texts; the metadata keys `checkpoint.sha256` and `checkpoint.arithmetic` are taken.
    public init(tensors: [Safetensors.Tensor], metadata: [String: String] = [:]) {
        precondition(
            metadata[Self.digestKey] == nil && metadata[CheckpointPair.arithmeticKey] == nil,
            "metadata of the checkpoint itself are its own")
        contents = Safetensors(tensors: tensors, metadata: metadata)
    }

    /// Writes the checkpoint to `path`; a valid one that was there becomes `path.previous`.
    ///
    /// - Parameter waits: whether the file outlives a power cut when this returns; the one before it does so in any case.
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`; what was there can then still be loaded.
    public func save(to path: String, waits: Bool = true) throws {
        try save(to: path, arithmetic: BLAS.arithmetic, waits: waits)
    }

    /// The same with what it says of the arithmetic, for tests.
    package func save(to path: String, arithmetic: String, waits: Bool = true) throws {
        var metadata = contents.metadata
        metadata[CheckpointPair.arithmeticKey] = arithmetic
        metadata[Self.digestKey] = Digest.sha256(of: Safetensors(tensors: contents.tensors, metadata: metadata).serialized())
        let data = Safetensors(tensors: contents.tensors, metadata: metadata).serialized()
        try AtomicFile.replace(path, waits: waits) { temporaryPath in
            let file = try FileDescriptor.creating(temporaryPath)
            try data.withUnsafeBytes { try file.write($0) }
            // The new file is complete and on the disk before the old one gives up its name.
            if waits { try file.synchronize() }
            if (try? Self.verified(path)) != nil {
                try AtomicFile.rename(path, to: Self.previousPath(of: path))
            }
        }
    }

    /// The newest valid checkpoint at `path` or `path.previous`; nil if there is neither file.
    ///
    /// - Throws: ``StorageError`` if there are files but none is valid.
    public static func load(_ path: String) throws -> Restored? {
        try CheckpointPair.newest(at: path, verified).map {
            Restored(checkpoint: $0.contents, path: $0.path, warning: $0.warning)
        }
    }

    /// Where the checkpoint before the one at `path` is kept.
    public static func previousPath(of path: String) -> String {
        CheckpointPair.previousPath(of: path)
    }

    private static func verified(_ path: String) throws -> (contents: Checkpoint, arithmetic: String?) {
        let file: Safetensors
        do { file = try Safetensors(contentsOf: path) } catch let error as StorageError where error.kind == .wrongType {
            // No checkpoint was written with other types.
            throw StorageError(.malformed, path: path, problem: error.problem)
        }
        var metadata = file.metadata
        guard let digest = metadata.removeValue(forKey: digestKey) else {
            throw StorageError(.malformed, path: path, problem: "is not a checkpoint: its metadata has no '\(digestKey)'")
        }
        guard Digest.sha256(of: Safetensors(tensors: file.tensors, metadata: metadata).serialized()) == digest else {
            throw StorageError(
                .malformed, path: path, problem: "is damaged: its contents do not match the SHA-256 in its metadata")
        }
        let arithmetic = metadata.removeValue(forKey: CheckpointPair.arithmeticKey)
        return (Checkpoint(tensors: file.tensors, metadata: metadata), arithmetic)
    }
}
