/// What is done for every pole, in this order, on any supercell of a lattice.
struct LaneSchedule: Sendable {
    /// A program and where it runs.
    struct Pass: Sendable {
        let program: LaneProgram
        /// How far beyond the cells of a tile its results are needed, in each direction.
        let margin: [Int]
    }

    /// What leads to the results.
    let passes: [Pass]
    /// What leads to the determinant instead, after the first ``messagePasses`` passes; nil if there is none.
    let determinant: Pass?
    /// How many passes only compute messages.
    let messagePasses: Int
    /// Planes that programs add to and that are zero when the work on a pole begins.
    let cleared: Set<LaneProgram.Plane>

    /// Every plane any of the programs uses, those in ``cleared`` last.
    var planes: [LaneProgram.Plane] {
        var seen: Set<LaneProgram.Plane> = []
        let used = all.flatMap { $0.program.instructions.compactMap { $0.location?.plane } }.filter { seen.insert($0).inserted }
        return used.filter { !cleared.contains($0) } + used.filter(cleared.contains)
    }

    /// How far beyond the cells of a tile anything is read or written.
    var halo: [Int] {
        let reaches = all.flatMap { pass in
            pass.program.instructions.compactMap(\.location).map { zip($0.cell, pass.margin).map { abs($0) + $1 } }
        }
        return reaches.reduce(passes[0].margin) { zip($0, $1).map { max($0, $1) } }
    }

    /// Slots the programs need.
    var slotCount: Int { all.map(\.program.slotCount).max()! }

    /// Real additions, multiplications and divisions a cell and pole, halos not counted.
    var operations: Int { passes.reduce(0) { $0 + $1.program.operations } }

    private var all: [Pass] { passes + (determinant.map { [$0] } ?? []) }
}
