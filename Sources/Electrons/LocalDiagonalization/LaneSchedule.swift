/// The work for every pole on any supercell of a lattice: the passes of the pole's tier, in their order.
struct LaneSchedule: Sendable {
    /// A program and where it runs.
    struct Pass: Sendable {
        let program: LaneProgram
        /// How far beyond the groups of a tile its results are needed, in each direction.
        let margin: [Int]
    }

    /// The cells that every program works on; margins and halo are counted in groups.
    let group: CellGroup
    /// What leads to the results, tier after tier.
    let passes: [Pass]
    /// The passes of each tier of ``radii``.
    let tiers: [Range<Int>]
    /// The tier of a pole by its height.
    let radii: PatchRadii
    /// What leads to the determinant instead, after the first ``messagePasses`` passes; nil if there is none.
    let determinant: Pass?
    /// How many passes of the first tier only compute messages.
    let messagePasses: Int
    /// Planes that programs add to and that are zero when the work on a pole begins.
    let cleared: Set<LaneProgram.Plane>

    /// Every plane any of the programs uses, those in ``cleared`` last.
    var planes: [LaneProgram.MemberPlane] {
        var seen: Set<LaneProgram.MemberPlane> = []
        let used = all.flatMap { $0.program.instructions.compactMap { $0.location?.plane } }.filter { seen.insert($0).inserted }
        return used.filter { !cleared.contains($0.plane) } + used.filter { cleared.contains($0.plane) }
    }

    /// How far beyond the groups of a tile anything is read or written.
    var halo: [Int] {
        let reaches = all.flatMap { pass in
            pass.program.instructions.compactMap(\.location).map { zip($0.group, pass.margin).map { abs($0) + $1 } }
        }
        return reaches.reduce(passes[0].margin) { zip($0, $1).map { max($0, $1) } }
    }

    /// Slots the programs need.
    var slotCount: Int { all.map(\.program.slotCount).max()! }

    /// Coefficients the programs name.
    var coefficientCount: Int {
        1 + (all.flatMap { $0.program.instructions.compactMap(\.coefficient) }.max().map(Int.init) ?? -1)
    }

    /// Real additions, multiplications and divisions per group for a pole at a height η, halos not counted.
    func operations(atHeight height: Double) -> Int {
        passes[tiers[radii.tier(atHeight: height)]].reduce(0) { $0 + $1.program.operations }
    }

    private var all: [Pass] { passes + (determinant.map { [$0] } ?? []) }
}
