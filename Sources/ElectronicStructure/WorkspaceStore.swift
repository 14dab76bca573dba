import Lattices
import Synchronization

/// Workspaces of diagonalization that are not in use, for the supercell used last.
final class WorkspaceStore: Sendable {
    private let idle = Mutex<[DiagonalizationWorkspace]>([])

    /// Calls `body` with a workspace that no other thread uses meanwhile.
    func withWorkspace<Result>(
        for supercell: Supercell, _ body: (DiagonalizationWorkspace) throws -> Result
    ) rethrows -> Result {
        let taken = idle.withLock { idle in
            idle.lastIndex { $0.supercell == supercell }.map { idle.remove(at: $0) }
        }
        let workspace = taken ?? DiagonalizationWorkspace(supercell)
        defer {
            idle.withLock { idle in
                idle.removeAll { $0.supercell != supercell }
                idle.append(workspace)
            }
        }
        return try body(workspace)
    }
}
