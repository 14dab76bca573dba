/// A supercell cut into boxes of groups of cells, each padded with a halo of its neighbours' groups.
///
/// All boxes share one memory layout, first direction fastest, so a relative group is one constant offset everywhere. What is
/// called a cell here is a group of cells.
struct TileLayout {
    /// A box without its halo.
    struct Tile {
        let origin: [Int]
        let size: [Int]
    }

    let tiles: [Tile]
    /// Cells on either side of a box, in each direction.
    let halo: [Int]
    /// Cells from one padded cell to the next, in each direction.
    let strides: [Int]
    /// Whether vectors run on from one row into the next, through the halo between them; else every row begins with a vector.
    private let runsOn: Bool
    private let lanes: Int
    /// A place from which no program reaches a padded cell.
    let nowhere: Int
    /// Numbers in a plane: all padded cells, and what lies within reach of ``nowhere``.
    let planeLength: Int

    /// - Parameters:
    ///   - cells: in each direction.
    ///   - siteCount: sites in all of them.
    ///   - halo: in each direction.
    ///   - numbers: how many numbers a padded cell needs.
    ///   - lanes: sites in a vector.
    ///   - mayRunOn: whether it does no harm to compute in the halo what is not needed there.
    init(_ cells: [Int], siteCount: Int, halo: [Int], numbers: Int, lanes: Int, mayRunOn: Bool) {
        var size = cells
        while true {
            let padded = zip(size, halo).map { $0 + 2 * $1 }
            if padded.reduce(numbers, *) <= Self.largestTile, size != cells || siteCount < Self.smallLattice {
                break
            }
            // Halos cost least where the box is longest; the vectors lie along the first direction, so that is cut last.
            let lengths = size.enumerated().map { $0 == 0 ? $1 / (4 * lanes) : $1 / (2 * halo[$0] + 1) }
            let direction = lengths.indices.max { lengths[$0] < lengths[$1] }!
            if lengths[direction] < 2 { break }
            let half = (size[direction] + 1) / 2
            size[direction] = direction == 0 ? (half + lanes - 1) / lanes * lanes : half
        }
        var tiles = [Tile(origin: [], size: [])]
        for (side, length) in zip(cells, size) {
            tiles = stride(from: 0, to: side, by: length).flatMap { start in
                tiles.map { Tile(origin: $0.origin + [start], size: $0.size + [min(length, side - start)]) }
            }
        }
        self.tiles = tiles
        self.halo = halo
        runsOn = mayRunOn && size[0] + 2 * halo[0] < (size[0] + lanes - 1) / lanes * lanes
        self.lanes = lanes
        // Where rows begin with a vector they have room for the one that overhangs their end.
        var strides = [1]
        for (direction, length) in size.enumerated() {
            strides.append(
                strides[direction] * (length + 2 * halo[direction] + (direction == 0 && !runsOn ? lanes : 0)))
        }
        let reach = zip(halo, strides).reduce(0) { $0 + $1.0 * $1.1 }
        nowhere = strides.last! + reach + lanes
        planeLength = nowhere + reach + lanes
        self.strides = strides.dropLast()
    }

    /// Numbers of a tile that stay in the cache of a core, 32 bits each.
    private static let largestTile = 1 << 18
    /// Sites below which one tile is enough.
    private static let smallLattice = 1 << 12

    /// The place in a plane of a cell relative to the first cell of the box.
    func index(_ cell: [Int]) -> Int {
        zip(zip(cell, halo), strides).reduce(0) { $0 + ($1.0.0 + $1.0.1) * $1.1 }
    }

    /// The distance in a plane from a cell to the one displaced from it.
    func offset(_ displacement: [Int]) -> Int {
        zip(displacement, strides).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Where the vectors begin that cover a tile and some cells around it.
    func vectors(of tile: Tile, margin: [Int]) -> [Int] {
        let starts = cells(of: tile, before: margin, after: margin, step: runsOn ? 1 : lanes).map(index)
        return runsOn ? Array(stride(from: starts[0], through: starts.last!, by: lanes)) : starts
    }

    /// All cells of a tile and some before and after it in each direction, relative to its first cell, the first direction
    /// fastest; of that every `step`-th only.
    func cells(of tile: Tile, before: [Int], after: [Int], step: Int = 1) -> [[Int]] {
        var cells = [[Int]()]
        for (direction, length) in tile.size.enumerated().reversed() {
            let coordinates = stride(
                from: -before[direction], to: length + after[direction], by: direction == 0 ? step : 1)
            cells = cells.flatMap { cell in coordinates.map { [$0] + cell } }
        }
        return cells
    }
}
