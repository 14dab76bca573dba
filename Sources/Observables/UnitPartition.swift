/// A list of items dealt out to ranks in units.
///
/// The size of a unit depends on the list alone, so work done unit by unit has the same results for any number of ranks. A rank
/// has neighbouring units, as many as the others or one more, or none if there are more ranks than units.
struct UnitPartition: Sendable {
    /// Items that are worked on together because they share cache lines; units are whole blocks.
    static let block = 8
    /// All items.
    let count: Int
    /// Items of a unit, but for the last, which may have fewer.
    let itemsPerUnit: Int
    /// How many ranks share them.
    let rankCount: Int

    /// At most 256 units.
    init(count: Int, rankCount: Int) {
        self.count = count
        self.rankCount = rankCount
        itemsPerUnit = Self.block * ((count + 256 * Self.block - 1) / (256 * Self.block))
    }

    /// All units.
    var unitCount: Int { (count + itemsPerUnit - 1) / itemsPerUnit }

    /// The units of a rank.
    func units(of rank: Int) -> Range<Int> { rank * unitCount / rankCount..<(rank + 1) * unitCount / rankCount }

    /// The items of a unit.
    func items(ofUnit unit: Int) -> Range<Int> { unit * itemsPerUnit..<min((unit + 1) * itemsPerUnit, count) }

    /// The items of a rank.
    func items(of rank: Int) -> Range<Int> {
        let units = units(of: rank)
        return min(units.lowerBound * itemsPerUnit, count)..<min(units.upperBound * itemsPerUnit, count)
    }

    /// The items of a unit in blocks.
    func blocks(ofUnit unit: Int) -> [Range<Int>] {
        let items = items(ofUnit: unit)
        return stride(from: items.lowerBound, to: items.upperBound, by: Self.block).map {
            $0..<min($0 + Self.block, items.upperBound)
        }
    }
}
