/// Where a force field that solves blocks of several cells lays them.
///
/// The force on a site depends on the place of the site in its block, so one way to lay the blocks breaks translations by as much
/// as its error. Blocks of c cells in every direction can be moved by c^d offsets, and every site has each of the c^d places once.
/// Blocks that are cut by the first or the last cell of the lattice are solved whole all the same, so this holds for sides that c
/// does not divide, too.
public enum BlockTiling: String, Sendable, Hashable, CaseIterable, Codable {
    /// From cell 0 on, always.
    case fixed
    /// The average over all offsets: it has the translations of the lattice to within rounding, at the cost of c^d evaluations.
    case mean
    /// ``mean`` outside of dynamics. Each step of dynamics takes one term of the mean at the cost of ``fixed``, drawn without
    /// replacement, so that c^d steps have all of them.
    case sampled
}

/// A force field that solves blocks of several cells.
public protocol TiledForceField: ForceField {
    /// c, how many cells a block has in every direction; with 1 there is one way to lay them.
    var blockSide: Int { get }
    /// How the blocks are laid.
    var tiling: BlockTiling { get }
    /// The same blocks, laid in another way.
    func tiled(_ tiling: BlockTiling) -> Self
}

extension ForceField {
    /// Whether a step of dynamics evaluates one term of an average, and ``computeForces(at:into:)`` the whole.
    public var isSampled: Bool {
        guard let tiled = self as? any TiledForceField else { return false }
        return tiled.tiling == .sampled && tiled.blockSide > 1
    }
}
