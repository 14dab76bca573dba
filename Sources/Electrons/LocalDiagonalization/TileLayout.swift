import Lattices

/// A box of cells cut into tiles of groups of cells, each padded with a halo of its neighbours' groups.
///
/// All tiles share one memory layout, first direction fastest, so a relative group is one constant offset everywhere.
struct TileLayout {
    /// A tile without its halo.
    struct Tile {
        /// Its first group, counted from the first of the box.
        let origin: Coordinates
        /// Groups in each direction.
        let size: Coordinates
    }

    let tiles: [Tile]
    /// Groups on either side of a tile, in each direction.
    let halo: Coordinates
    /// Groups of a tile, but where it ends at the end of the box.
    let size: Coordinates
    /// Groups from one padded group to the next, in each direction.
    private let strides: Coordinates
    /// Whether vectors run on from one row into the next, through the halo between them; else every row begins with a vector.
    private let runsOn: Bool
    private let lanes: Int
    /// A place from which no program reaches a padded group.
    let nowhere: Int
    /// Numbers in a plane: all padded groups, and what lies within reach of ``nowhere``.
    let planeLength: Int

    /// - Parameters:
    ///   - groups: in each direction.
    ///   - siteCount: sites in all of them.
    ///   - halo: in each direction.
    ///   - numbers: how many numbers a padded group needs.
    ///   - lanes: sites in a vector.
    ///   - mayRunOn: whether it does no harm to compute in the halo what is not needed there.
    init(_ groups: [Int], siteCount: Int, halo: [Int], numbers: Int, lanes: Int, mayRunOn: Bool) {
        var size = groups
        while true {
            let padded = zip(size, halo).map { $0 + 2 * $1 }
            if padded.reduce(numbers, *) <= Self.largestTile, size != groups || siteCount < Self.smallLattice {
                break
            }
            // Halos cost least where the tile is longest; the vectors lie along the first direction, so that is cut last.
            let lengths = size.enumerated().map { $0 == 0 ? $1 / (4 * lanes) : $1 / (2 * halo[$0] + 1) }
            let direction = lengths.indices.max { lengths[$0] < lengths[$1] }!
            if lengths[direction] < 2 { break }
            let half = (size[direction] + 1) / 2
            size[direction] = direction == 0 ? (half + lanes - 1) / lanes * lanes : half
        }
        let all = Coordinates(groups, padding: 1)
        let length = Coordinates(size, padding: 1)
        var tiles: [Tile] = []
        for z in stride(from: 0, to: all.z, by: length.z) {
            for y in stride(from: 0, to: all.y, by: length.y) {
                for x in stride(from: 0, to: all.x, by: length.x) {
                    let origin = Coordinates(x, y, z)
                    let rest = all &- origin
                    tiles.append(Tile(origin: origin, size: length.replacing(with: rest, where: rest .< length)))
                }
            }
        }
        self.tiles = tiles
        self.size = length
        self.halo = Coordinates(halo, padding: 0)
        runsOn = mayRunOn && size[0] + 2 * halo[0] < (size[0] + lanes - 1) / lanes * lanes
        self.lanes = lanes
        // Where rows begin with a vector they have room for the one that overhangs their end.
        let row = length.x + 2 * self.halo.x + (runsOn ? 0 : lanes)
        let layer = row * (length.y + 2 * self.halo.y)
        strides = Coordinates(1, row, layer)
        let reach = (self.halo &* strides).wrappedSum()
        nowhere = layer * (length.z + 2 * self.halo.z) + reach + lanes
        planeLength = nowhere + reach + lanes
    }

    /// Numbers of a tile that stay in the cache of a core, 32 bits each.
    private static let largestTile = 1 << 18
    /// Sites below which one tile is enough.
    private static let smallLattice = 1 << 12

    /// The place in a plane of a group relative to the first group of the tile.
    func index(_ group: Coordinates) -> Int { ((group &+ halo) &* strides).wrappedSum() }

    /// The distance in a plane from a group to the one displaced from it.
    func offset(_ displacement: [Int]) -> Int { (Coordinates(displacement, padding: 0) &* strides).wrappedSum() }

    /// Where the vectors begin that cover a tile of some size and some groups around it.
    func vectors(ofTile size: Coordinates, margin: [Int]) -> [Int] {
        let margin = Coordinates(margin, padding: 0)
        let end = size &+ margin
        if runsOn {
            return Array(stride(from: index(0 &- margin), through: index(end &- 1), by: lanes))
        }
        var starts: [Int] = []
        for z in -margin.z..<end.z {
            for y in -margin.y..<end.y {
                starts += stride(from: -margin.x, to: end.x, by: lanes).map { index(Coordinates($0, y, z)) }
            }
        }
        return starts
    }
}
