import Lattices

/// The Green's functions that end a patch: g_{j→i}, that of site j in a tree from which its neighbour i has been cut.
///
///     g_{j→i}(z) = 1 / (z − ε_j − t² Σ_{k≠i} g_{k→j}(z))
///
/// Here for H − z in units of t, whose diagonal is ε_j − z: `message` = 1/(ε_j − z − Σ_{k≠i} message_{k→j}) = −t·g_{j→i}. The
/// first level has no sum and one message a site, the levels above one for every directed bond. On a Bethe lattice the
/// recursion is exact: Abou-Chacra, Thouless & Anderson, J. Phys. C 6, 1734 (1973), doi:10.1088/0022-3719/6/10/009.
struct CavityMessages {
    private let lattice: Lattice
    /// How often the recursion is iterated; 0 means open ends.
    let levels: Int
    private let keepsLevels: Bool

    /// - Parameters:
    ///   - lattice: the lattice.
    ///   - levels: how often the recursion is iterated.
    ///   - keepsLevels: whether the messages of every level stay in memory, not only those of the last two.
    init(_ lattice: Lattice, levels: Int, keepsLevels: Bool = false) {
        self.lattice = lattice
        self.levels = levels
        self.keepsLevels = keepsLevels
    }

    /// How many kinds of messages there are: one for every directed bond of a cell.
    var kinds: Int { 2 * lattice.bonds.count }

    /// The kind of a message among those of all directed bonds of a cell.
    func kind(from sender: PatchSite, to receiver: PatchSite) -> Int {
        let earlier = (0..<sender.basis).reduce(0) { $0 + lattice.directedBonds(from: $1).count }
        return earlier + lattice.neighbors(of: sender).firstIndex(of: receiver)!
    }

    /// Where the message that `sender` sends to `receiver` after `level` levels stands, in the cell of the sender.
    func plane(from sender: PatchSite, to receiver: PatchSite, level: Int) -> LaneProgram.Plane {
        let kind = level == 1 ? sender.basis : kind(from: sender, to: receiver)
        return .message(set: keepsLevels ? level : level % 2, kind: kind)
    }

    /// The program that computes all messages a cell sends in level `level`, from those of the level before.
    func program(level: Int) -> LaneProgram {
        var builder = LaneProgram.Builder()
        for basis in lattice.basis.indices {
            let site = PatchSite(basis: basis, dimension: lattice.dimension)
            let neighbors = lattice.neighbors(of: site)
            for receiver in level == 1 ? neighbors.prefix(1) : neighbors[...] {
                var diagonal = builder.diagonal(of: site)
                if level > 1 {
                    for sender in neighbors where sender != receiver {
                        diagonal = builder.difference(
                            diagonal, plane(from: sender, to: site, level: level - 1), of: sender.cell)
                    }
                }
                builder.store(
                    builder.inverse(of: diagonal), in: plane(from: site, to: receiver, level: level), of: site.cell)
            }
        }
        return builder.program
    }

    /// The diagonal element of a site, less what the trees beyond some of its neighbours add to it.
    func diagonal(
        of site: PatchSite, without neighbors: [PatchSite], in builder: inout LaneProgram.Builder
    ) -> Int32 {
        let own = builder.diagonal(of: site)
        if levels == 0 { return own }
        return neighbors.reduce(own) {
            builder.difference($0, plane(from: $1, to: site, level: levels), of: $1.cell)
        }
    }
}
