import Lattices

/// The Green's functions that end a patch: g_{j→i}, that of site j in a tree from which its neighbour i has been cut.
///
///     g_{j→i}(z) = 1 / (z − ε_j − t² Σ_{k≠i} g_{k→j}(z))
///
/// Here for H − z in units of t, whose diagonal is ε_j − z: `message` = 1/(ε_j − z − Σ_{k≠i} message_{k→j}) = −t·g_{j→i}. The
/// first level has no sum and one message a site, the levels above one for every directed bond. On a Bethe lattice the
/// recursion is exact: Abou-Chacra, Thouless & Anderson, J. Phys. C 6, 1734 (1973), doi:10.1088/0022-3719/6/10/009.
///
/// With coefficients the sums have paths around loops in them, see ``EndCorrections``.
struct CavityMessages {
    let lattice: Lattice
    /// How often the recursion is iterated; 0 means open ends.
    let levels: Int
    /// The cells that one program works on.
    let group: CellGroup
    private let keepsLevels: Bool
    private let classes: EndClasses?

    /// - Parameters:
    ///   - lattice: the lattice.
    ///   - levels: how often the recursion is iterated.
    ///   - core: side of the groups of cells that one program works on.
    ///   - keepsLevels: whether the messages of every level stay in memory, not only those of the last two.
    ///   - classes: of the coefficients, if there are any.
    init(_ lattice: Lattice, levels: Int, core: Int = 1, keepsLevels: Bool = false, classes: EndClasses? = nil) {
        self.lattice = lattice
        self.levels = levels
        group = CellGroup(side: core, dimension: lattice.dimension)
        self.keepsLevels = keepsLevels
        self.classes = classes
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
        if level == 1 { return firstPlane(of: sender) }
        return .message(set: keepsLevels ? level : level % 2, kind: kind(from: sender, to: receiver))
    }

    /// Where 1/(ε − z) of a site stands, the message of level 1 to all its neighbours.
    func firstPlane(of site: PatchSite) -> LaneProgram.Plane { .message(set: keepsLevels ? 1 : 2, kind: site.basis) }

    /// The program that computes the messages a group sends in level `level`, from those of the level before.
    ///
    /// - Parameter wanted: where the messages stand that are needed; nil for all.
    func program(level: Int, wanted: Set<LaneProgram.MemberPlane>? = nil) -> LaneProgram {
        var builder = LaneProgram.Builder(group)
        for number in 0..<group.count {
            let cell = group.cell(number, of: [Int](repeating: 0, count: lattice.dimension))
            for basis in lattice.basis.indices {
                send(from: PatchSite(cell: cell, basis: basis), level: level, wanted: wanted, in: &builder)
            }
        }
        return builder.program
    }

    private func send(
        from site: PatchSite, level: Int, wanted: Set<LaneProgram.MemberPlane>?, in builder: inout LaneProgram.Builder
    ) {
        func isWanted(_ plane: LaneProgram.Plane) -> Bool {
            wanted?.contains(LaneProgram.MemberPlane(plane: plane, member: group.member(site.cell).number)) ?? true
        }
        let neighbors = lattice.neighbors(of: site)
        if level == 1 {
            guard isWanted(firstPlane(of: site)) else { return }
            builder.store(builder.inverse(of: builder.diagonal(of: site)), in: firstPlane(of: site), of: site.cell)
            return
        }
        var products = PathProducts(self, level: level - 1)
        for receiver in neighbors {
            let place = plane(from: site, to: receiver, level: level)
            guard isWanted(place) else { continue }
            var diagonal = builder.diagonal(of: site)
            if let classes {
                let own = PatchSite(basis: site.basis, dimension: lattice.dimension)
                let kind = kind(from: own, to: receiver.translated(by: site.cell.map { -$0 }))
                let terms = classes.messages[level - 2][kind].map { $0.translated(by: site.cell) }
                diagonal = products.subtract(terms, from: diagonal, region: [site, receiver], in: &builder)
            } else {
                for sender in neighbors where sender != receiver {
                    diagonal = builder.difference(diagonal, plane(from: sender, to: site, level: level - 1), of: sender.cell)
                }
            }
            builder.store(builder.inverse(of: diagonal), in: place, of: site.cell)
        }
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
