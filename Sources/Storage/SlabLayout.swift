/// How a long array is spread over ranks: cut into units of equal length, of which every rank has some in a row.
///
/// The units do not depend on the ranks. They are what is digested, compressed and stored, so that files do not depend on the
/// ranks either.
public struct SlabLayout: Sendable, Equatable {
    /// Values of the whole array.
    public let count: Int
    /// Values of a unit; the last one may have fewer.
    public let unit: Int
    /// The units of this rank, which may be none. The ranks have all units in the order of the ranks.
    public let units: Range<Int>

    /// - Parameters:
    ///   - count: values of the whole array, at least 1.
    ///   - unit: values of a unit, at least 1.
    ///   - units: of this rank.
    public init(count: Int, unit: Int, units: Range<Int>) {
        precondition(count >= 1 && unit >= 1, "an array and units of at least one value")
        self.count = count
        self.unit = unit
        self.units = units
        precondition(units.lowerBound >= 0 && units.upperBound <= unitCount, "units of the array")
    }

    /// The whole array on one rank.
    public init(count: Int, unit: Int) {
        self.init(count: count, unit: unit, units: 0..<(count + unit - 1) / unit)
    }

    /// All units of the array.
    public var unitCount: Int { (count + unit - 1) / unit }

    /// The values of a unit in the whole array.
    public func range(ofUnit index: Int) -> Range<Int> { index * unit..<min((index + 1) * unit, count) }

    /// The values of this rank in the whole array: its slab.
    public var range: Range<Int> { min(units.lowerBound * unit, count)..<min(units.upperBound * unit, count) }

    /// The values of one of this rank's units in its slab.
    func slabRange(ofUnit index: Int) -> Range<Int> {
        let range = range(ofUnit: index)
        return range.lowerBound - self.range.lowerBound..<range.upperBound - self.range.lowerBound
    }
}
