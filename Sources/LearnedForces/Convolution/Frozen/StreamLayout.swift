import Lattices

/// How a part of a supercell is cut into boxes through which the layers of a frozen network stream.
///
/// A box is swept along the last direction, slab by slab (on a two-dimensional lattice a slab is a row of sites): as soon as the
/// slabs it depends on are there, a layer computes its next one, and every layer keeps only the slabs that the next layer still
/// reads. So features stay in the cache, and halos cost work at the box's edges only. A chain is one slab.
struct StreamLayout: Sendable {
    /// A box without its halo.
    struct Box: Sendable {
        /// Origin and size of a slab.
        let origin: [Int]
        let size: [Int]
        /// The slabs of the sweep.
        let slabs: Range<Int>
    }

    /// Neighbouring sites of a slab: where the first stands in a row of features, and in a slab of the supercell.
    struct Line: Sendable {
        let place: Int
        let cell: Int
    }

    let boxes: [Box]
    /// Numbers of a row of features: an odd number of vectors, so that rows do not meet in the same sets of the cache.
    let length: Int
    /// Halo of a slab in each direction, and along the sweep.
    let slabHalo: [Int]
    let sweepHalo: Int
    private let slabSize: [Int]
    private let slabCount: Int
    /// Places from one site of a slab to the next, in each direction.
    private let strides: [Int]
    private let lead: Int

    /// Sites of a slab along the first direction and along others, where the supercell is larger.
    private static let longestRow = 240
    private static let widestSlab = 24

    /// - Parameters:
    ///   - part: the cells that the boxes make up.
    ///   - reaches: of every layer, in each direction.
    ///   - threads: how many boxes there should be at least.
    init(_ supercell: Supercell, part: CellBox, reaches: [[Int]], threads: Int) {
        let directions = supercell.size.count
        let slabDirections = max(1, directions - 1)
        let halo = supercell.size.indices.map { d in reaches.reduce(0) { $0 + $1[d] } }
        slabHalo = Array(halo[..<slabDirections])
        sweepHalo = directions > 1 ? halo[directions - 1] : 0
        slabSize = Array(supercell.size[..<slabDirections])
        slabCount = directions > 1 ? supercell.size[directions - 1] : 1

        let sides = part.size[..<slabDirections].enumerated().map { d, side in
            let most = max(1, (d == 0 ? Self.longestRow : Self.widestSlab) - 2 * halo[d])
            let pieces = (side + most - 1) / most
            return (side + pieces - 1) / pieces
        }
        var strides = [1]
        for (d, side) in sides.enumerated() { strides.append(strides[d] * (side + 2 * halo[d])) }
        // Neighbours of the first and the last site of a slab are in the row, and so are the vectors that overhang its end.
        let farthest = zip(strides, slabHalo).reduce(0) { $0 + $1.0 * $1.1 }
        lead = (farthest + 15) / 16 * 16
        length = ((lead + strides.last! + farthest + 31) / 16 | 1) * 16
        self.strides = strides.dropLast()

        var slabs: [(origin: [Int], size: [Int])] = [([], [])]
        for (d, length) in sides.enumerated() {
            let range = part.range(d)
            slabs = stride(from: range.lowerBound, to: range.upperBound, by: length).flatMap { start in
                slabs.map { ($0.origin + [start], $0.size + [min(length, range.upperBound - start)]) }
            }
        }
        let swept = directions > 1 ? part.range(directions - 1) : 0..<1
        let pieces = min(swept.count, (threads + slabs.count - 1) / slabs.count)
        boxes = (0..<pieces).flatMap { piece in
            slabs.map {
                Box(
                    origin: $0.origin, size: $0.size,
                    slabs: swept.lowerBound + piece * swept.count / pieces..<swept.lowerBound + (piece + 1) * swept.count / pieces
                )
            }
        }
    }

    /// The place of a site relative to a box's first.
    private func place(_ site: [Int]) -> Int {
        lead + site.indices.reduce(0) { $0 + (site[$1] + slabHalo[$1]) * strides[$1] }
    }

    /// The distance in a row to a displaced site of the same slab.
    func offset(_ cell: [Int]) -> Int { strides.indices.reduce(0) { $0 + cell[$1] * strides[$1] } }

    /// How many slabs along the sweep a relative cell is.
    func sweepOffset(_ cell: [Int]) -> Int { cell.count > 1 ? cell.last! : 0 }

    /// The first site of a slab of the supercell, wrapped around.
    func firstSite(ofSlab slab: Int) -> Int {
        (slab % slabCount + slabCount) % slabCount * slabSize.reduce(1, *)
    }

    /// The vectors that hold a slab of a box and `margin` sites around it: their first place and their number.
    func vectors(of box: Box, margin: [Int]) -> (first: Int, count: Int) {
        let first = place(margin.map { -$0 }) / 16 * 16
        let last = place(zip(box.size, margin).map { $0 + $1 - 1 })
        return (first, (last - first) / 16 + 1)
    }

    /// The cell in a slab of the supercell whose values stand at each place, wrapped around.
    func cells(of box: Box) -> [Int32] {
        (0..<length).map { place in
            // Before the first place and after the last anything finite will do.
            var rest = max(place - lead, 0)
            var cell = 0
            for d in strides.indices.reversed() {
                let coordinate = rest / strides[d] - slabHalo[d] + box.origin[d]
                rest %= strides[d]
                cell = cell * slabSize[d] + (coordinate % slabSize[d] + slabSize[d]) % slabSize[d]
            }
            return Int32(cell)
        }
    }

    /// The lines of a box along the first direction.
    func lines(of box: Box) -> [Line] {
        var starts = [[0]]
        for length in box.size.dropFirst() { starts = (0..<length).flatMap { k in starts.map { $0 + [k] } } }
        return starts.map { start in
            let cell = start.indices.reversed().reduce(0) { $0 * slabSize[$1] + start[$1] + box.origin[$1] }
            return Line(place: place(start), cell: cell)
        }
    }
}
