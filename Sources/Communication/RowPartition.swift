import Lattices

/// The rows of a supercell dealt out to ranks.
///
/// A row is all sites of one coordinate in the slowest direction (y on the square lattice), and sites of a row follow one another.
/// Rows come in units, whose size depends on the supercell alone: work done unit by unit has the same results for any number of
/// ranks. A rank has neighbouring units, as many as the others or one more, or none if there are more ranks than units.
public struct RowPartition: Sendable, Equatable {
    /// Whose rows these are.
    public let whole: Supercell
    /// How many ranks share them.
    public let rankCount: Int
    /// All rows.
    public let rowCount: Int
    /// Sites of a row.
    public let sitesPerRow: Int
    /// Rows of a unit, but for the last, which may have fewer: at most 256 units, of at least 32 KiB a component if there are so
    /// many sites.
    public let rowsPerUnit: Int
    /// All units.
    public let unitCount: Int

    /// Deals out the rows of a supercell.
    public init(_ whole: Supercell, rankCount: Int = 1) {
        precondition(rankCount >= 1, "at least one rank")
        self.whole = whole
        self.rankCount = rankCount
        rowCount = whole.size.last!
        sitesPerRow = whole.siteCount / rowCount
        rowsPerUnit = min(rowCount, max((rowCount + 255) / 256, (4096 + sitesPerRow - 1) / sitesPerRow))
        unitCount = (rowCount + rowsPerUnit - 1) / rowsPerUnit
    }

    /// The units of a rank.
    public func units(of rank: Int) -> Range<Int> {
        rank * unitCount / rankCount..<(rank + 1) * unitCount / rankCount
    }

    /// The rows of units.
    public func rows(ofUnits units: Range<Int>) -> Range<Int> {
        min(units.lowerBound * rowsPerUnit, rowCount)..<min(units.upperBound * rowsPerUnit, rowCount)
    }

    /// The rows of a rank.
    public func rows(of rank: Int) -> Range<Int> { rows(ofUnits: units(of: rank)) }

    /// The sites of a rank, in the numbering of ``whole``.
    public func sites(of rank: Int) -> Range<Int> {
        let rows = rows(of: rank)
        return rows.lowerBound * sitesPerRow..<rows.upperBound * sitesPerRow
    }
}
