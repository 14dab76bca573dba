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
    /// How many blocks of cells in each direction are solved together; 0 if there are none.
    var blocks: Coordinates { get }
}

extension SupercellWorkspace {
    var box: CellBox { CellBox(supercell) }
    var blocks: Coordinates { .zero }
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
    private let make: @Sendable (Supercell, CellBox, BlockCover?) -> Workspace

    /// A store without workspaces that makes them when they are needed.
    init(_ make: @escaping @Sendable (Supercell, CellBox, BlockCover?) -> Workspace) {
        self.make = make
    }

    /// Calls `body` with a workspace for all cells of a supercell that no other thread uses meanwhile.
    func withWorkspace<Result>(for supercell: Supercell, _ body: (Workspace) throws -> Result) rethrows -> Result {
        try withWorkspace(for: supercell, box: CellBox(supercell), body)
    }

    /// Calls `body` with a workspace for a box of a supercell that no other thread uses meanwhile.
    ///
    /// - Parameter cover: how blocks cover the box, for workspaces that have room for so many of them.
    func withWorkspace<Result>(
        for supercell: Supercell, box: CellBox, cover: BlockCover? = nil, _ body: (Workspace) throws -> Result
    ) rethrows -> Result {
        let taken = idle.withLock { idle in
            idle.lastIndex {
                $0.box == box && (cover == nil || $0.blocks == cover!.count) && $0.supercell == supercell
            }.map { idle.remove(at: $0) }
        }
        let workspace = taken ?? make(supercell, box, cover)
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
    /// corners. Moving blocks may make one more in each direction.
    private static var mostIdle: Int { 216 }
}

extension WorkspaceStore where Workspace: SolverWorkspace {
    /// A store of workspaces that depend on the supercell alone.
    convenience init() {
        self.init { supercell, _, _ in Workspace(supercell) }
    }
}
