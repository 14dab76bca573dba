import Communication
import Foundation

/// Writing files so that at every moment, power cut included, either the old or the new contents are there in full.
///
/// The new contents go to a temporary file in the same folder (its name with `.partial` appended), are forced to the
/// disk, and take the old file's name in one step; then the folder is forced to the disk too.
///
/// Why a power cut loses nothing:
///
/// - Contents are on the disk before their name: a name leads to whole contents, old or new.
/// - The name is on the disk before the call returns: no file written later, which may count on it, is there without it.
/// - A ``Checkpoint`` is whole on the disk before the one before it takes the name `.previous`, and that is on the disk before the new
///   one takes its place: one of the two names always leads to a whole checkpoint.
/// - Files that do not wait have neither order. They take the place of no file that is needed, and they are made again where they are
///   missing or damaged, until ``UnsyncedFiles`` has forced them and then their names to the disk, before a file that counts on them is
///   begun: the frames of a trajectory before the checkpoint after which they are not made again. They are removed when the merged
///   file is on the disk.
public enum AtomicFile {
    /// Replaces the file at `path` by `contents`.
    ///
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`; the file that was there is then untouched.
    public static func write(_ contents: some ContiguousBytes, to path: String) throws {
        try replace(path) { temporaryPath in
            let file = try FileDescriptor.creating(temporaryPath)
            try contents.withUnsafeBytes { try file.write($0) }
        }
    }

    /// Replaces the file at `path` by `text` in UTF-8.
    ///
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`; the file that was there is then untouched.
    public static func write(_ text: String, to path: String) throws {
        try write(Array(text.utf8), to: path)
    }

    /// Replaces the file at `path` by the one that `body` writes at the temporary path it is given.
    ///
    /// The closure must create the temporary file and have closed it when it returns. If it throws, the temporary file is
    /// removed and the file at `path` is untouched.
    ///
    /// - Parameter waits: whether the file outlives a power cut when this returns; if not, it may take no needed file's place.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or ``StorageError`` `.outOfSpace` or `.unwritable`. Errors name `path`, not the
    ///   temporary file, for that is the file the user knows.
    @discardableResult
    public static func replace<Result>(
        _ path: String, waits: Bool = true, _ body: (_ temporaryPath: String) throws -> Result
    ) throws -> Result {
        try requireReplaceable(path)
        let temporaryPath = path + ".partial"
        // What a killed process left behind.
        unlink(temporaryPath)
        do {
            let result = try body(temporaryPath)
            if waits { try FileDescriptor.synchronize(temporaryPath) }
            try rename(temporaryPath, to: path, waits: waits)
            return result
        } catch let error as StorageError where error.path == temporaryPath {
            unlink(temporaryPath)
            throw StorageError(error.kind, path: path, problem: error.problem)
        } catch {
            unlink(temporaryPath)
            throw error
        }
    }

    /// Removes a file, or a folder with all that is in it, if it is there.
    ///
    /// - Throws: ``StorageError`` `.unwritable`.
    public static func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw StorageError(.unwritable, path: path, problem: "cannot remove it: \(error.localizedDescription)")
        }
    }

    /// Replaces the file at `path` by the one that all ranks write together at the temporary path that `body` is given.
    ///
    /// Collective. `body` must create and close the file, and fail on all ranks or on none; other failures become so here.
    ///
    /// - Parameter waits: whether the file outlives a power cut when this returns; if not, it may take no needed file's place.
    static func replace(
        _ path: String, by communicator: any Communicator, waits: Bool, _ body: (_ temporaryPath: String) throws -> Void
    ) throws {
        let temporaryPath = path + ".partial"
        let isFirst = communicator.rank == 0
        do {
            try communicator.jointly {
                guard isFirst else { return }
                try requireReplaceable(path)
                unlink(temporaryPath)
            }
            try body(temporaryPath)
            try communicator.jointly {
                guard isFirst else { return }
                if waits { try FileDescriptor.synchronize(temporaryPath) }
                try rename(temporaryPath, to: path, waits: waits)
            }
        } catch {
            if isFirst { unlink(temporaryPath) }
            guard let error = error as? StorageError, error.path == temporaryPath else { throw error }
            throw StorageError(error.kind, path: path, problem: error.problem)
        }
    }

    /// Gives the file at `path` the name `newPath`, in place of the file that had it, and forces that to the disk if it is to wait.
    static func rename(_ path: String, to newPath: String, waits: Bool = true) throws {
        guard Foundation.rename(path, newPath) == 0 else {
            throw StorageError.system(errno, path: newPath, action: "replace", fallback: .unwritable)
        }
        if waits { try FileDescriptor.synchronize(folder(of: newPath)) }
    }

    fileprivate static func folder(of path: String) -> String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    /// Refuses folders and devices: renaming onto `/dev/null` would do away with the device.
    private static func requireReplaceable(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StorageError(.unwritable, path: path, problem: "exists and is not a regular file, so it is not replaced")
        }
    }
}

/// Files that ``AtomicFile`` has written without waiting for the disk: a kill cannot harm them, a power cut can.
///
/// Waiting takes milliseconds a file. Files that are of use only with one that is written after them wait together, before that one.
public struct UnsyncedFiles: Sendable {
    private var paths: [String] = []

    /// None.
    public init() {}

    /// Remembers a file that is in place.
    public mutating func append(_ path: String) { paths.append(path) }

    /// All files and their names outlive a power cut when this returns, and are forgotten.
    ///
    /// - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`; the files are then still remembered.
    public mutating func synchronize() throws {
        let files = Set(paths)
        for path in files.sorted() { try FileDescriptor.synchronize(path) }
        for folder in Set(files.map(AtomicFile.folder(of:))).sorted() { try FileDescriptor.synchronize(folder) }
        paths = []
    }
}
