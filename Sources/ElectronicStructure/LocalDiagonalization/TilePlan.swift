import Lattices

/// What the work on one tile needs to know beforehand.
struct TilePlan {
    /// Cells that have one number in the groups of a row of a tile.
    struct Row {
        /// Their number.
        let member: Int
        /// Where it begins in a plane.
        let place: Int
        /// The cell of the supercell it begins at; meaningless for rows that reach beyond an open end.
        let cell: Int
        let count: Int
    }

    /// The first groups of the vectors of a region, padded to whole strips.
    typealias Starts = UnsafeMutableBufferPointer<Int32>

    /// sources[(member·basis + b)·planeLength + place]: the site whose energy stands there; −1 where there is none.
    let sources: UnsafeMutableBufferPointer<Int32>
    /// For each margin the region of the tile and so many groups around it.
    let regions: [Starts]
    /// The cells of the tile.
    let rows: UnsafeMutableBufferPointer<Row>
    /// The groups of the tile and, at open ends, those before them whose windows reach into it.
    let anchorRows: UnsafeMutableBufferPointer<Row>

    /// - Parameters:
    ///   - anchorReach: how many cells beyond an open end the first anchor is.
    init(
        _ tile: TileLayout.Tile, of supercell: Supercell, group: CellGroup, layout: TileLayout, margins: [[Int]],
        anchorReach: [Int], stripLength: Int
    ) {
        func allocate<Element>(_ values: [Element]) -> UnsafeMutableBufferPointer<Element> {
            let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: values.count)
            _ = buffer.initialize(from: values)
            return buffer
        }
        func rows(before: [Int]) -> [Row] {
            (0..<group.count).flatMap { member in
                layout.cells(of: tile, before: before, after: before.map { _ in 0 }, step: tile.size[0] + before[0])
                    .compactMap { start -> Row? in
                        let cell = group.cell(member, of: zip(start, tile.origin).map { $0 + $1 })
                        // The last groups may reach beyond the supercell, around which they find cells that others have.
                        guard zip(cell, supercell.size).allSatisfy({ $0 < $1 }) else { return nil }
                        return Row(
                            member: member, place: layout.index(start),
                            cell: supercell.site(cell: cell) / supercell.lattice.basis.count,
                            count: min(tile.size[0] + before[0], (supercell.size[0] - cell[0] - 1) / group.side + 1))
                    }
            }
        }
        let basis = supercell.lattice.basis.count
        var sources = [Int32](repeating: -1, count: layout.planeLength * basis * group.count)
        for start in layout.cells(of: tile, before: layout.halo, after: layout.halo) {
            for member in 0..<group.count {
                let cell = group.cell(member, of: zip(start, tile.origin).map { $0 + $1 })
                for b in 0..<basis {
                    let place = (member * basis + b) * layout.planeLength + layout.index(start)
                    sources[place] = Self.source(cell, basis: b, in: supercell)
                }
            }
        }
        self.sources = allocate(sources)
        regions = margins.map { margin in
            var starts = layout.vectors(of: tile, margin: margin).map { Int32($0) }
            while starts.count % stripLength != 0 { starts.append(Int32(layout.nowhere)) }
            return allocate(starts)
        }
        self.rows = allocate(rows(before: tile.size.map { _ in 0 }))
        anchorRows = allocate(
            rows(before: tile.origin.indices.map { supercell.periodic[$0] || tile.origin[$0] > 0 ? 0 : anchorReach[$0] }))
    }

    /// The site whose energy a cell has that may lie outside the supercell; −1 beyond an open end.
    private static func source(_ cell: [Int], basis: Int, in supercell: Supercell) -> Int32 {
        for (direction, side) in supercell.size.enumerated() where !supercell.periodic[direction] {
            if !(0..<side).contains(cell[direction]) { return -1 }
        }
        return Int32(supercell.site(cell: cell, basis: basis))
    }

    /// Frees the memory.
    func deallocate() {
        sources.deallocate()
        for region in regions { region.deallocate() }
        rows.deallocate()
        anchorRows.deallocate()
    }
}
