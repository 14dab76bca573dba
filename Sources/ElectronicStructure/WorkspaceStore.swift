import Lattices
import Synchronization

/// The memory of one solution at a time in a box of one supercell.
///
/// Conforming classes are `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one caller at a time, under its lock.
protocol SupercellWorkspace: AnyObject, Sendable {
    /// The supercell whose fields it has room for.
    var supercell: Supercell { get }
    /// The cells that are solved; all of them, if nothing else is said.
    var box: CellBox { get }
}

extension SupercellWorkspace {
    var box: CellBox { CellBox(supercell) }
}

/// Memory that depends on the supercell alone.
protocol SolverWorkspace: SupercellWorkspace {
    /// Empty memory for a supercell.
    init(_ supercell: Supercell)
}

/// Workspaces of a solver that are not in use, for the supercell used last and all boxes of it: of each as many as there were
/// calls at the same time.
final class WorkspaceStore<Workspace: SupercellWorkspace>: Sendable {
    private let idle = Mutex<[Workspace]>([])
    private let make: @Sendable (Supercell, CellBox) -> Workspace

    /// A store without workspaces that makes them when they are needed.
    init(_ make: @escaping @Sendable (Supercell, CellBox) -> Workspace) {
        self.make = make
    }

    /// Calls `body` with a workspace for all cells of a supercell that no other thread uses meanwhile.
    func withWorkspace<Result>(for supercell: Supercell, _ body: (Workspace) throws -> Result) rethrows -> Result {
        try withWorkspace(for: supercell, box: CellBox(supercell), body)
    }

    /// Calls `body` with a workspace for a box of a supercell that no other thread uses meanwhile.
    func withWorkspace<Result>(
        for supercell: Supercell, box: CellBox, _ body: (Workspace) throws -> Result
    ) rethrows -> Result {
        let taken = idle.withLock { idle in
            idle.lastIndex { $0.box == box && $0.supercell == supercell }.map { idle.remove(at: $0) }
        }
        let workspace = taken ?? make(supercell, box)
        defer {
            idle.withLock { idle in
                idle.removeAll { $0.supercell != supercell }
                // Those that have not been used for longest stand first.
                if idle.count == Self.mostIdle { idle.removeFirst() }
                idle.append(workspace)
            }
        }
        return try body(workspace)
    }

    /// A lattice of three dimensions has 27 boxes at most that are not alike: the interior of a domain, and its faces, edges and
    /// corners.
    private static var mostIdle: Int { 64 }
}

extension WorkspaceStore where Workspace: SolverWorkspace {
    /// A store of workspaces that depend on the supercell alone.
    convenience init() {
        self.init { supercell, _ in Workspace(supercell) }
    }
}
