import Lattices

/// Where the vectors of tiles of one size begin.
struct TilePlan {
    /// The first groups of the vectors of a region, padded to whole strips.
    typealias Starts = UnsafeMutableBufferPointer<Int32>

    /// For each margin the region of the tile and so many groups around it.
    let regions: [Starts]

    init(tileOf size: Coordinates, layout: TileLayout, margins: [[Int]], stripLength: Int) {
        regions = margins.map { margin in
            var starts = layout.vectors(ofTile: size, margin: margin).map { Int32($0) }
            while starts.count % stripLength != 0 { starts.append(Int32(layout.nowhere)) }
            let buffer = Starts.allocate(capacity: starts.count)
            _ = buffer.initialize(from: starts)
            return buffer
        }
    }

    /// Frees the memory.
    func deallocate() {
        for region in regions { region.deallocate() }
    }
}
