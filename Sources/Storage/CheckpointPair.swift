import LatticeNumerics

/// A checkpoint and the one before it, which is kept beside it as `NAME.previous`.
enum CheckpointPair {
    /// Where the checkpoint before the one at `path` is kept.
    static func previousPath(of path: String) -> String { path + ".previous" }

    /// The metadata key of the arithmetic that a checkpoint was made with: with another one, what follows may differ in rounding.
    static let arithmeticKey = "checkpoint.arithmetic"

    /// What `read` finds in the newest of the two that it accepts, and what the user should know of it; nil if there is neither
    /// file.
    ///
    /// - Parameter read: reads and verifies a file; returns its contents and the arithmetic it records, if it does.
    /// - Throws: ``StorageError`` if there are files but `read` throws for all of them.
    static func newest<Contents>(
        at path: String, _ read: (String) throws -> (contents: Contents, arithmetic: String?)
    ) throws -> (contents: Contents, path: String, warning: String?)? {
        let newestError: StorageError
        do {
            let (contents, arithmetic) = try read(path)
            return (contents, path, warning(path, arithmetic))
        } catch let error as StorageError {
            newestError = error
        }
        let previousPath = previousPath(of: path)
        do {
            let (contents, arithmetic) = try read(previousPath)
            let warnings = ["\(newestError); going on from \(previousPath)", warning(previousPath, arithmetic)]
            return (contents, previousPath, warnings.compactMap(\.self).joined(separator: "; "))
        } catch let error as StorageError {
            switch (newestError.kind, error.kind) {
            case (.missing, .missing): return nil
            case (_, .missing): throw newestError
            case (.missing, _): throw error
            default: throw StorageError(newestError.kind, path: path, problem: "\(newestError.problem); \(error)")
            }
        }
    }

    private static func warning(_ path: String, _ arithmetic: String?) -> String? {
        guard let arithmetic, arithmetic != BLAS.arithmetic else { return nil }
        return
            "\(path) was made by \(arithmetic), and the run goes on with \(BLAS.arithmetic): results may differ in rounding from "
            + "those of a run that was not stopped"
    }
}
