import Lattices
import Synchronization

/// The memory of one solution at a time on one supercell.
///
/// Conforming classes are `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one caller at a time, under its lock.
protocol SupercellWorkspace: AnyObject, Sendable {
    /// The supercell whose fields it has room for.
    var supercell: Supercell { get }
}

/// Memory that depends on the supercell alone.
protocol SolverWorkspace: SupercellWorkspace {
    /// Empty memory for a supercell.
    init(_ supercell: Supercell)
}

/// Workspaces of a solver that are not in use, for the supercell used last: as many as there were calls at the same time.
final class WorkspaceStore<Workspace: SupercellWorkspace>: Sendable {
    private let idle = Mutex<[Workspace]>([])
    private let make: @Sendable (Supercell) -> Workspace

    /// A store without workspaces that makes them when they are needed.
    init(_ make: @escaping @Sendable (Supercell) -> Workspace) {
        self.make = make
    }

    /// Calls `body` with a workspace that no other thread uses meanwhile.
    func withWorkspace<Result>(for supercell: Supercell, _ body: (Workspace) throws -> Result) rethrows -> Result {
        let taken = idle.withLock { idle in
            idle.lastIndex { $0.supercell == supercell }.map { idle.remove(at: $0) }
        }
        let workspace = taken ?? make(supercell)
        defer {
            idle.withLock { idle in
                idle.removeAll { $0.supercell != supercell }
                idle.append(workspace)
            }
        }
        return try body(workspace)
    }
}

extension WorkspaceStore where Workspace: SolverWorkspace {
    /// A store of workspaces that depend on the supercell alone.
    convenience init() {
        self.init { Workspace($0) }
    }
}
