import Lattices

extension LaneSchedule {
    /// Messages level by level, then the elimination of the patch around every site, or around a core of several cells: a tier for
    /// every radius.
    ///
    /// - Parameter terms: which paths beyond the patches have coefficients; nil for trees. What the coefficients are is for the
    ///   classes of these terms to say.
    static func patches(
        _ lattice: Lattice, core: Int, radii: PatchRadii, levels: Int, terms: EndCorrections.Terms? = nil
    ) -> LaneSchedule {
        var (passes, tiers): ([Pass], [Range<Int>]) = ([], [])
        for tier in radii.tiers {
            let start = passes.count
            passes += self.passes(lattice, core: core, radius: tier.radius, levels: levels, terms: terms)
            tiers.append(start..<passes.count)
        }
        return LaneSchedule(
            group: CellGroup(side: core, dimension: lattice.dimension), passes: passes, tiers: tiers, radii: radii,
            determinant: nil, messagePasses: levels, cleared: [])
    }

    private static func passes(
        _ lattice: Lattice, core: Int, radius: Int, levels: Int, terms: EndCorrections.Terms?
    ) -> [Pass] {
        let patches = Patch.all(lattice, core: core, radius: radius)
        let classes = terms.map { EndClasses(lattice, patches: patches, levels: levels, terms: $0) }
        let messages = CavityMessages(lattice, levels: levels, core: core, classes: classes)
        let none = [Int](repeating: 0, count: lattice.dimension)
        let programs = patches.indices.map { index in
            let ends = classes.map { $0.ends[index] }
            // Which order is cheaper depends on the shape; with one site they are the same.
            return Set([1, patches[index].coreCount]).sorted()
                .map { program(patches[index], ends: ends, messages: messages, keeping: $0) }
                .min { $0.operations < $1.operations }!
        }
        // A group sees what its own patch has outside.
        let outside = reach(programs.flatMap { $0.instructions.compactMap { $0.location?.group } }, in: lattice)
            .map { $0 * core }
        return messagePasses(messages, lattice: lattice, margin: outside, for: programs)
            + programs.map { Pass(program: $0, margin: none) }
    }

    /// - Parameter kept: how many of the first sites are eliminated last.
    private static func program(
        _ patch: Patch, ends: [EndClasses.Term]?, messages: CavityMessages, keeping kept: Int
    ) -> LaneProgram {
        var builder = LaneProgram.Builder(messages.group)
        let region = Set(patch.sites)
        let index = Dictionary(uniqueKeysWithValues: patch.sites.enumerated().map { ($1, $0) })
        var products = PathProducts(messages, level: messages.levels)
        let terms = Dictionary(grouping: ends ?? []) { [index[$0.path.first]!, index[$0.path.last]!].sorted() }
        var joined = patch.neighbors.map { Set($0) }
        for pair in terms.keys where pair[0] != pair[1] {
            joined[pair[0]].insert(pair[1])
            joined[pair[1]].insert(pair[0])
        }
        let order = EliminationOrder(joined.map(Array.init), keeping: kept)
        let elimination = LaneElimination(
            joined.map { $0.sorted() }, order: order, in: &builder,
            diagonal: { site, builder in
                if ends == nil { return messages.diagonal(of: patch.sites[site], without: patch.outside[site], in: &builder) }
                let own = builder.diagonal(of: patch.sites[site])
                return terms[[site, site]].map { products.subtract($0, from: own, region: region, in: &builder) } ?? own
            },
            coupling: { a, b, builder in
                guard let paths = terms[[a, b]] else { return .hopping }
                let sum = products.sum(paths, region: region, in: &builder)
                return .value(patch.neighbors[a].contains(b) ? builder.onePlus(sum) : sum)
            })
        var inverse = elimination.inverse
        // Those eliminated last first: the others' elements are made of theirs.
        for site in order.steps.reversed().map(\.site) where site < patch.coreCount {
            builder.accumulateResult(inverse.diagonal(site, in: &builder), of: patch.sites[site])
        }
        return builder.program
    }

    /// The passes that compute messages, needed `margin` cells beyond a tile after the last level.
    ///
    /// - Parameter programs: that use the messages; those they do not use are not computed. Nil if all are needed.
    static func messagePasses(
        _ messages: CavityMessages, lattice: Lattice, margin: [Int], for programs: [LaneProgram]? = nil
    ) -> [Pass] {
        var passes: [Pass] = []
        var margin = messages.group.groups(covering: margin)
        // Of the last level first: each level says what it needs of the one before, and all may need the first.
        var later = programs
        for level in (0..<messages.levels).reversed() {
            let users = level == 0 ? programs.map { $0 + passes.map(\.program) } : later
            let wanted = users.map { Set($0.flatMap { $0.instructions.compactMap { $0.location?.plane } }) }
            let program = messages.program(level: level + 1, wanted: wanted)
            passes.insert(Pass(program: program, margin: margin), at: 0)
            let bond = reach(program.instructions.compactMap { $0.location?.group }, in: lattice)
            margin = zip(margin, bond).map { $0 + $1 }
            later = programs.map { _ in [program] }
        }
        return passes
    }

    /// The largest coordinate in each direction.
    static func reach(_ cells: [[Int]], in lattice: Lattice) -> [Int] {
        (0..<lattice.dimension).map { direction in cells.map { abs($0[direction]) }.max() ?? 0 }
    }
}
