import Communication
import Foundation

/// Writing files so that at every moment, power cut included, either the old or the new contents are there in full.
///
/// The new contents go to a temporary file in the same folder (its name with `.partial` appended), are forced to the
/// disk, and take the old file's name in one step; then the folder is forced to the disk too.
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
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or ``StorageError`` `.outOfSpace` or `.unwritable`. Errors name `path`, not the
    ///   temporary file, for that is the file the user knows.
    @discardableResult
    public static func replace<Result>(_ path: String, _ body: (_ temporaryPath: String) throws -> Result) throws -> Result {
        try requireReplaceable(path)
        let temporaryPath = path + ".partial"
        // What a killed process left behind.
        unlink(temporaryPath)
        do {
            let result = try body(temporaryPath)
            try FileDescriptor.synchronize(temporaryPath)
            try rename(temporaryPath, to: path)
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
    static func replace(
        _ path: String, by communicator: any Communicator, _ body: (_ temporaryPath: String) throws -> Void
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
                try FileDescriptor.synchronize(temporaryPath)
                try rename(temporaryPath, to: path)
            }
        } catch {
            if isFirst { unlink(temporaryPath) }
            guard let error = error as? StorageError, error.path == temporaryPath else { throw error }
            throw StorageError(error.kind, path: path, problem: error.problem)
        }
    }

    /// Gives the file at `path` the name `newPath`, in place of the file that had it, and forces that to the disk.
    static func rename(_ path: String, to newPath: String) throws {
        guard Foundation.rename(path, newPath) == 0 else {
            throw StorageError.system(errno, path: newPath, action: "replace", fallback: .unwritable)
        }
        let folder = (newPath as NSString).deletingLastPathComponent
        try FileDescriptor.synchronize(folder.isEmpty ? "." : folder)
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
