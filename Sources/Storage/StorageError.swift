import Foundation

/// A file that cannot be read or written, or whose contents are not what was asked for.
///
/// `description` is one sentence for the user: the file, what is wrong with it and, where it helps, what is allowed.
public struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What sort of trouble it is, for callers that react differently to each.
    public enum Kind: String, Equatable, Sendable {
        /// The file, or the dataset, tensor or attribute in it, does not exist.
        case missing
        /// The operating system refuses to read the file.
        case unreadable
        /// The bytes do not follow the format: truncated, damaged or of another kind.
        case malformed
        /// The elements are of a type that is not accepted here.
        case wrongType
        /// The array has another shape than the caller requires.
        case wrongShape
        /// The disk, or the user's quota on it, is full.
        case outOfSpace
        /// The operating system refuses to write the file.
        case unwritable
        /// Numbers that were to be written are not finite: what computed them has failed.
        case notFinite
    }

    /// The file as the caller named it.
    public let path: String
    /// What is wrong, without the path.
    public let problem: String
    /// What sort of trouble it is.
    public let kind: Kind

    /// Describes a problem with the file at `path`.
    public init(_ kind: Kind, path: String, problem: String) {
        self.path = path
        self.problem = problem
        self.kind = kind
    }

    public var description: String { "\(path): \(problem)" }
}

extension StorageError {
    /// A failed system call, sorted by its `errno`; `fallback` is the kind of any error not known by number.
    static func system(_ code: Int32, path: String, action: String, fallback: Kind) -> StorageError {
        let kind: Kind =
            switch code {
            case ENOSPC, EDQUOT: .outOfSpace
            case ENOENT, ENOTDIR: fallback == .unreadable ? .missing : fallback
            default: fallback
            }
        return StorageError(kind, path: path, problem: "cannot \(action): \(String(cString: strerror(code)))")
    }
}
