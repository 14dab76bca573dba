import Lattices

extension LaneSchedule {
    /// Messages level by level, then the elimination of the patch around every site onto it.
    static func patches(_ lattice: Lattice, radius: Int, levels: Int) -> LaneSchedule {
        let messages = CavityMessages(lattice, levels: levels)
        let patches = lattice.basis.indices.map { Patch(lattice, center: $0, radius: radius) }
        let outside = reach(patches.flatMap { $0.outside.joined().map(\.cell) }, in: lattice)
        let none = [Int](repeating: 0, count: lattice.dimension)
        return LaneSchedule(
            passes: messagePasses(messages, lattice: lattice, margin: outside)
                + patches.map { Pass(program: program($0, messages: messages), margin: none) },
            determinant: nil, messagePasses: levels, cleared: [])
    }

    private static func program(_ patch: Patch, messages: CavityMessages) -> LaneProgram {
        var builder = LaneProgram.Builder()
        let elimination = LaneElimination(patch.neighbors, in: &builder) { site, builder in
            messages.diagonal(of: patch.sites[site], without: patch.outside[site], in: &builder)
        }
        builder.accumulateResult(elimination.inverses[0], of: patch.sites[0])
        return builder.program
    }

    /// The passes that compute messages, needed `margin` cells beyond a tile after the last level.
    static func messagePasses(_ messages: CavityMessages, lattice: Lattice, margin: [Int]) -> [Pass] {
        let bond = reach(lattice.bonds.map(\.cell), in: lattice)
        return (0..<messages.levels).map { level in
            Pass(
                program: messages.program(level: level + 1),
                margin: zip(margin, bond).map { $0 + (messages.levels - 1 - level) * $1 })
        }
    }

    /// The largest coordinate in each direction.
    static func reach(_ cells: [[Int]], in lattice: Lattice) -> [Int] {
        (0..<lattice.dimension).map { direction in cells.map { abs($0[direction]) }.max() ?? 0 }
    }
}
