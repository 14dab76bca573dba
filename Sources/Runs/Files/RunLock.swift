import Foundation
import Storage
import Synchronization

/// The right to write in a run directory, which one process at a time can have.
///
/// It is a lock of the operating system on `run.lock` (flock(2)), which ends with the process however it ends: a kill leaves the
/// file, but not the lock. The file says who holds it.
package final class RunLock: Sendable {
    private let path: String
    /// The open file while the lock is held.
    private let held = Mutex<Int32?>(nil)

    package init(_ directory: RunDirectory) {
        path = directory.lock
    }

    deinit {
        held.withLock { $0.map { _ = close($0) } }
    }

    /// Takes the lock, if this object does not have it already.
    ///
    /// - Parameter warning: called with a text where the file system knows no locks; the run then goes on without.
    /// - Throws: ``StageError/directoryInUse(path:holder:)``, or `StorageError` if the file cannot be made.
    package func acquire(warning: (String) -> Void) throws {
        try held.withLock { held in
            while held == nil {
                let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
                guard descriptor >= 0 else {
                    throw StorageError(.unwritable, path: path, problem: "cannot be made: \(String(cString: strerror(errno)))")
                }
                if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                    let code = errno
                    let holder = Self.text(descriptor)
                    close(descriptor)
                    guard code == EWOULDBLOCK else {
                        return warning(
                            "\(path) cannot be locked (\(String(cString: strerror(code)))); "
                                + "two runs in this folder would not notice each other")
                    }
                    throw StageError.directoryInUse(path: path, holder: holder.isEmpty ? "another process" : holder)
                }
                // Whoever held it before may have removed the file between our opening and our locking.
                guard Self.isSameFile(descriptor, path) else {
                    close(descriptor)
                    continue
                }
                Self.write("process \(getpid()) on \(ProcessInfo.processInfo.hostName)", descriptor)
                held = descriptor
            }
        }
    }

    /// Gives the lock back and removes the file.
    package func release() {
        held.withLock { held in
            guard let descriptor = held else { return }
            unlink(path)
            close(descriptor)
            held = nil
        }
    }

    private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
        var (own, named) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino && own.st_dev == named.st_dev
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func write(_ text: String, _ descriptor: Int32) {
        // Only for messages: a disk too full for it is no reason to stop.
        let bytes = Array(text.utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }
}
