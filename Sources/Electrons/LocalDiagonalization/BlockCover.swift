import ForceFields
import LatticeNumerics
import Lattices

/// How blocks of cells that are moved by an offset cover a box: block k along a direction begins at cell start + k·side, where the
/// start is the offset modulo the side, in coordinates of the whole lattice modulo the side.
///
/// Blocks go around a whole periodic side that they divide, so that moving them costs nothing. Otherwise the first and the last
/// of them reach beyond the box, where they find cells that belong to other boxes.
struct BlockCover {
    /// Blocks in each direction.
    let count: Coordinates
    /// The first cell of the first block.
    let start: Coordinates
    /// The first cell that is found, and the first one beyond: the box, or a side's length from the start on, around its end.
    let (first, end): (Coordinates, Coordinates)

    /// - Parameters:
    ///   - box: begins at a multiple of the side in the whole lattice.
    ///   - side: cells of a block in every direction.
    ///   - offset: from 0 to side − 1 in each direction.
    ///   - isWhole: directions in which one block is all of the supercell, whatever the offset; none of them if nil.
    init(_ box: CellBox, of supercell: Supercell, side: Int, offset: Coordinates, isWhole: [Bool]? = nil) {
        var (count, start) = (Coordinates(repeating: 1), Coordinates.zero)
        var (first, end) = (Coordinates.zero, Coordinates(repeating: 1))
        for direction in box.size.indices {
            let (range, moved) = (box.range(direction), offset[direction])
            (first[direction], end[direction]) = (range.lowerBound, range.upperBound)
            if isWhole?[direction] == true {
                count[direction] = min(range.count, 1)
                continue
            }
            let isRing =
                supercell.periodic[direction] && range.count == supercell.size[direction] && range.count.isMultiple(of: side)
            start[direction] = range.lowerBound + (isRing || moved == 0 ? moved : moved - side)
            if isRing { (first[direction], end[direction]) = (start[direction], start[direction] + range.count) }
            count[direction] = (end[direction] - start[direction] + side - 1) / side
        }
        (self.count, self.start, self.first, self.end) = (count, start, first, end)
    }

    /// Blocks in all.
    var blockCount: Int { count.x * count.y * count.z }

    /// Whether a cell, which may be one around the end of the supercell, is found.
    func contains(_ cell: Coordinates) -> Bool { all(cell .>= first) && all(cell .< end) }
}

extension BlockTiling {
    /// The offsets whose average is taken: one of a step, or all.
    ///
    /// - Parameters:
    ///   - group: a block.
    ///   - step: of a trajectory with this seed; nil where there is none.
    func offsets(of group: CellGroup, atStep step: (number: Int, seed: UInt64)?) -> [Coordinates] {
        func offset(_ number: Int) -> Coordinates {
            Coordinates(group.cell(number, of: [Int](repeating: 0, count: group.dimension)), padding: 0)
        }
        if self == .fixed || group.side == 1 { return [.zero] }
        guard self == .sampled, let step else { return (0..<group.count).map(offset) }
        let (period, place) = step.number.quotientAndRemainder(dividingBy: group.count)
        return [offset(RandomStream(seed: step.seed, purpose: .blockOffset).permutation(of: group.count, step: period)[place])]
    }
}
