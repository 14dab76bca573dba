import CHDF5
import Foundation

/// An HDF5 file of real numbers, whole numbers and text, arranged in groups.
///
/// Equal contents written in the same order give equal bytes: no times are recorded and the format is held at ``Version/v18`` or
/// ``Version/v110``, whose metadata carry checksums, so that damage is noticed.
///
/// Files of others are read if they are of version 1.8 or later, and datasets in them if they are contiguous or chunked.
///
/// Paths within the file are names joined by `/`; the root group is `/`. Only hard links are followed: a file from outside
/// cannot point to other files.
///
/// All methods may be called from any thread; one at a time runs in the whole process.
public final class HDF5File: @unchecked Sendable {
    // Safe to send: `identifier` is only read and changed within `HDF5Library.locked`.

    /// How an existing file is opened.
    public enum Access: Sendable {
        /// Nothing in the file changes, and another program may be writing it.
        case readOnly
        /// The file grows and changes in place.
        case readWrite
    }

    /// The version of the format that a new file has.
    public enum Version: Sendable {
        /// For files that change in place: those of version 1.10 are marked as open for writing, and refused after their writer
        /// was killed.
        case v18
        /// For files with chunks, whose index has no checksums in version 1.8; to be written within
        /// ``AtomicFile/replace(_:_:)``.
        case v110
    }

    /// The file as the caller named it.
    public let path: String
    private var identifier: hid_t?
    /// The unit of a new dataset.
    let unit: @Sendable (_ path: String) -> String?

    private init(path: String, identifier: hid_t, unit: @escaping @Sendable (_ path: String) -> String? = { _ in nil }) {
        self.path = path
        self.identifier = identifier
        self.unit = unit
    }

    deinit {
        try? close()
    }

    /// Creates a file, or empties the one that is there. (Within ``AtomicFile/replace(_:_:)`` the old one is kept until the
    /// new one is complete.)
    ///
    /// - Parameter unit: of a new dataset of numbers at a path in the file, which gets it as its attribute `unit`; none if nil.
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public static func create(
        _ path: String, version: Version = .v18, unit: @escaping @Sendable (_ path: String) -> String? = { _ in nil }
    ) throws -> HDF5File {
        try HDF5Library.locked {
            let creation = H5Pcreate(chdf5_file_create())
            defer { H5Pclose(creation) }
            H5Pset_obj_track_times(creation, false)
            let access = accessProperties(lowest: version == .v18 ? H5F_LIBVER_V18 : H5F_LIBVER_V110)
            defer { H5Pclose(access) }
            let identifier = H5Fcreate(path, chdf5_truncate(), creation, access)
            guard identifier >= 0 else { throw failure(.unwritable, path: path, "cannot create the file") }
            return HDF5File(path: path, identifier: identifier, unit: unit)
        }
    }

    /// Opens an existing file.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.unreadable`, or `.malformed` if it is no HDF5 file, of a format before version
    ///   1.8, or truncated.
    public static func open(_ path: String, _ access: Access = .readOnly) throws -> HDF5File {
        try requireChecksums(path)
        return try HDF5Library.locked {
            let properties = accessProperties()
            defer { H5Pclose(properties) }
            let flags = access == .readOnly ? chdf5_read_only() : chdf5_read_write()
            let identifier = H5Fopen(path, flags, properties)
            guard identifier >= 0 else { throw failure(.malformed, path: path, "cannot open the HDF5 file") }
            return HDF5File(path: path, identifier: identifier)
        }
    }

    /// Writes everything the library still holds and closes the file; does nothing if it is closed.
    ///
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public func close() throws {
        try HDF5Library.locked {
            guard let identifier else { return }
            self.identifier = nil
            guard H5Fclose(identifier) >= 0 else { throw failure(.unwritable, "cannot close the file") }
        }
    }

    /// Makes everything written so far outlive a power cut.
    ///
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public func flush() throws {
        try withFile { file in
            guard H5Fflush(file, H5F_SCOPE_LOCAL) >= 0 else { throw failure(.unwritable, "cannot write to the disk") }
        }
        try FileDescriptor.synchronize(path)
    }
}

extension HDF5File {
    /// Runs `body` alone in the library with the identifier of the open file.
    func withFile<Result>(_ body: (hid_t) throws -> Result) throws -> Result {
        try HDF5Library.locked {
            guard let identifier else { preconditionFailure("\(path) has been closed") }
            return try body(identifier)
        }
    }

    /// Size of the file in bytes, with what the library has yet to write.
    func size() throws -> Int {
        try withFile { file in
            var size: hsize_t = 0
            guard H5Fget_filesize(file, &size) >= 0 else { throw failure(.unreadable, "cannot tell the size of the file") }
            return Int(clamping: size)
        }
    }

    /// Throws unless an array of `shape`, which the file claims, fits into the `available` bytes it can come from; returns
    /// the number of elements.
    func requirePlausible(shape: [Int], elementSize: Int, available: Int, subject: String) throws -> Int {
        guard let count = ArrayShape.count(of: shape), let bytes = ArrayShape.byteCount(of: shape, elementSize: elementSize),
            bytes <= available
        else {
            throw StorageError(
                .malformed, path: path,
                problem: "\(subject) claims shape \(ArrayShape.text(shape)) of \(elementSize)-byte elements, "
                    + "but the file has at most \(available) bytes for it")
        }
        return count
    }

    /// The error of the library call that has just failed.
    func failure(_ kind: StorageError.Kind, _ problem: String) -> StorageError {
        Self.failure(kind, path: path, problem)
    }

    private static func failure(_ kind: StorageError.Kind, path: String, _ problem: String) -> StorageError {
        let (message, isOutOfSpace) = HDF5Library.lastFailure()
        return StorageError(isOutOfSpace ? .outOfSpace : kind, path: path, problem: "\(problem): \(message)")
    }

    /// Throws unless it is an HDF5 file of version 1.8 or later. In earlier ones the metadata have no checksums, and damaged
    /// metadata crash the library.
    private static func requireChecksums(_ path: String) throws {
        let signature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1a, 0x0a]
        let file = try InputFile(path)
        let start = try file.bytes(at: 0, count: min(signature.count + 1, file.size))
        guard start.starts(with: signature), start.count > signature.count else {
            throw StorageError(.malformed, path: path, problem: "is not an HDF5 file")
        }
        guard start[signature.count] >= 2 else {
            throw StorageError(
                .malformed, path: path,
                problem: "is an HDF5 file of a format before version 1.8, which has no checksums; "
                    + "rewrite it (h5py: libver='v108', h5repack: --low=1)")
        }
    }

    private static func accessProperties(lowest: H5F_libver_t = H5F_LIBVER_V18) -> hid_t {
        let properties = H5Pcreate(chdf5_file_access())
        // Virtual datasets need version 1.10, and bring it with them.
        H5Pset_libver_bounds(properties, lowest, H5F_LIBVER_V110)
        H5Pset_fclose_degree(properties, H5F_CLOSE_STRONG)
        return properties
    }
}
