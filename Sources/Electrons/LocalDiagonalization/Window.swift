import Lattices

/// A box of cells of an infinite lattice, and how often it counts when the lattice is covered by boxes of L cells in every
/// direction, one at every cell, less their overlaps.
struct Window: Sendable {
    /// From the anchor, the first cell of the box, on.
    let sites: [PatchSite]
    /// neighbors[k]: the sites of the window a bond joins site k to, by index.
    let neighbors: [[Int]]
    /// outside[k]: the neighbours of site k that are not in the window.
    let outside: [[PatchSite]]
    /// Whether it counts +1, not −1.
    let isAdded: Bool

    private init(_ lattice: Lattice, size: [Int], isAdded: Bool) {
        var cells = [[Int]()]
        for length in size.reversed() { cells = cells.flatMap { cell in (0..<length).map { [$0] + cell } } }
        let sites = cells.flatMap { cell in lattice.basis.indices.map { PatchSite(cell: cell, basis: $0) } }
        let index = Dictionary(uniqueKeysWithValues: sites.enumerated().map { ($1, $0) })
        self.sites = sites
        neighbors = sites.map { lattice.neighbors(of: $0).compactMap { index[$0] } }
        outside = sites.map { lattice.neighbors(of: $0).filter { index[$0] == nil } }
        self.isAdded = isAdded
    }

    /// All windows with one anchor: L or L − 1 cells in each direction, with the sign of how many directions are short.
    ///
    /// Every set of sites that fits into one of the boxes of L cells is then counted once: there are L − δ places for a box of L
    /// cells, and L − δ − 1 for one of L − 1, around sites that lie δ apart in a direction.
    static func all(_ lattice: Lattice, side: Int) -> [Window] {
        (0..<1 << lattice.dimension).compactMap { shortened in
            let size = (0..<lattice.dimension).map { side - (shortened >> $0 & 1) }
            return size.contains(0) ? nil : Window(lattice, size: size, isAdded: shortened.nonzeroBitCount % 2 == 0)
        }
    }
}
