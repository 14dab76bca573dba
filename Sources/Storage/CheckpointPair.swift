/// A checkpoint and the one before it, which is kept beside it as `NAME.previous`.
enum CheckpointPair {
    /// Where the checkpoint before the one at `path` is kept.
    static func previousPath(of path: String) -> String { path + ".previous" }

    /// What `read` finds in the newest of the two that it accepts; nil if there is neither file.
    ///
    /// - Throws: ``StorageError`` if there are files but `read` throws for all of them.
    static func newest<Contents>(
        at path: String, _ read: (String) throws -> Contents
    ) throws -> (contents: Contents, path: String, warning: String?)? {
        let newestError: StorageError
        do {
            return (try read(path), path, nil)
        } catch let error as StorageError {
            newestError = error
        }
        let previousPath = previousPath(of: path)
        do {
            return (try read(previousPath), previousPath, "\(newestError); going on from \(previousPath)")
        } catch let error as StorageError {
            switch (newestError.kind, error.kind) {
            case (.missing, .missing): return nil
            case (_, .missing): throw newestError
            case (.missing, _): throw error
            default: throw StorageError(newestError.kind, path: path, problem: "\(newestError.problem); \(error)")
            }
        }
    }
}
