import Foundation

/// An open file of the operating system, closed when the last reference goes.
///
/// Only the calls the room needs, each turning `errno` into a ``StorageError``.
final class FileDescriptor {
    private let descriptor: Int32
    private let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// Opens an existing regular file for reading; a folder, a pipe or a device is refused.
    static func reading(_ path: String) throws -> FileDescriptor {
        // O_NONBLOCK: opening a pipe that nobody writes to would otherwise never return.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.system(errno, path: path, action: "open", fallback: .unreadable) }
        let file = FileDescriptor(descriptor: descriptor, path: path)
        guard try file.status().st_mode & S_IFMT == S_IFREG else {
            throw StorageError(.unreadable, path: path, problem: "is not a regular file")
        }
        return file
    }

    /// Creates a file that does not exist yet and opens it for writing.
    static func creating(_ path: String) throws -> FileDescriptor {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw StorageError.system(errno, path: path, action: "create", fallback: .unwritable) }
        return FileDescriptor(descriptor: descriptor, path: path)
    }

    /// Opens an existing file for writing.
    static func writing(_ path: String) throws -> FileDescriptor {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.system(errno, path: path, action: "open", fallback: .unwritable) }
        return FileDescriptor(descriptor: descriptor, path: path)
    }

    /// Makes a file or a folder outlive a power cut.
    static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.system(errno, path: path, action: "open", fallback: .unwritable) }
        try FileDescriptor(descriptor: descriptor, path: path).synchronize()
    }

    /// Size in bytes.
    func size() throws -> Int {
        try Int(status().st_size)
    }

    /// Fills `buffer` from byte `offset` on; throws if the file ends before the buffer is full.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw StorageError.system(errno, path: path, action: "read", fallback: .unreadable) }
            guard count > 0 else {
                throw StorageError(.malformed, path: path, problem: "ends at byte \(offset + done), while it was being read")
            }
            done += count
        }
    }

    /// Writes all bytes at the end.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw StorageError.system(errno, path: path, action: "write", fallback: .unwritable) }
            done += count
        }
    }

    /// Writes all bytes from byte `offset` on.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw StorageError.system(errno, path: path, action: "write", fallback: .unwritable) }
            done += count
        }
    }

    /// Makes the file `size` bytes long, with space on the disk for all of them.
    func reserve(_ size: Int) throws {
        var code = posix_fallocate(descriptor, 0, off_t(size))
        // Some file systems cannot promise space.
        if code == EOPNOTSUPP || code == EINVAL { code = ftruncate(descriptor, off_t(size)) == 0 ? 0 : errno }
        guard code == 0 else { throw StorageError.system(code, path: path, action: "write", fallback: .unwritable) }
    }

    /// Waits until everything written is on the disk.
    func synchronize() throws {
        guard fsync(descriptor) == 0 else {
            throw StorageError.system(errno, path: path, action: "write to the disk", fallback: .unwritable)
        }
    }

    private func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StorageError.system(errno, path: path, action: "inspect", fallback: .unreadable)
        }
        return status
    }
}
