import CHDF5
import Foundation

/// The one door to the HDF5 library.
///
/// The library keeps global tables which its serial build does not guard, so only one thread of the process may be inside
/// it at a time: everything that calls it does so within ``locked(_:)``.
enum HDF5Library {
    private static let lock = NSRecursiveLock()

    /// Files are closed by their owners; the library's own tidying at exit may hang after a failed write.
    ///
    /// Files are opened without the library's own locks: one that a writer holds would keep h5py from a trajectory that grows, and
    /// one that a reader holds (a notebook left open) would keep a run from going on. Who may write is settled elsewhere. The
    /// environment decides it, and not each file's properties, for it overrides them.
    private static let ready: Void = {
        setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1)
        H5dont_atexit()
        H5open()
    }()

    /// Runs `body` alone in the library, with its printing of errors switched off.
    static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        ready
        // Where the library was built thread-safe, printing is a setting of each thread.
        H5Eset_auto2(defaultProperties, nil, nil)
        return try body()
    }

    /// `H5P_DEFAULT`, and as well the default error stack, `H5E_DEFAULT`.
    static let defaultProperties: hid_t = 0

    /// What the library says of the failed call: its innermost message, and whether the disk was full.
    static func lastFailure() -> (message: String, isOutOfSpace: Bool) {
        var messages: [String] = []
        withUnsafeMutablePointer(to: &messages) { messages in
            let collect: H5E_walk2_t = { _, error, messages in
                guard let text = error?.pointee.desc, let messages else { return 0 }
                messages.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
                return 0
            }
            _ = H5Ewalk2(defaultProperties, H5E_WALK_UPWARD, collect, messages)
        }
        let isOutOfSpace = messages.contains { message in
            [ENOSPC, EDQUOT].contains { message.contains("errno = \($0),") }
        }
        return (messages.first ?? "no reason given", isOutOfSpace)
    }
}
