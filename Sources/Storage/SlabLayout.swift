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
    /// Values that stand together along the last axis of ``shape``.
    public let components: Int

    /// - Parameters:
    ///   - count: values of the whole array, at least 1.
    ///   - unit: values of a unit, at least 1.
    ///   - units: of this rank.
    public init(count: Int, unit: Int, units: Range<Int>) { self.init(count, unit, units, components: 1) }

    private init(_ count: Int, _ unit: Int, _ units: Range<Int>, components: Int) {
        precondition(count >= 1 && unit >= 1, "an array and units of at least one value")
        (self.count, self.unit, self.units, self.components) = (count, unit, units, components)
        precondition(units.lowerBound >= 0 && units.upperBound <= unitCount, "units of the array")
    }

    /// The whole array on one rank.
    public init(count: Int, unit: Int) {
        self.init(count: count, unit: unit, units: 0..<(count + unit - 1) / unit)
    }

    /// The layout of an array that has so many values for each of this one's: as many units, each so many times as long.
    public func repeated(_ components: Int) -> SlabLayout {
        SlabLayout(count * components, unit * components, units, components: self.components * components)
    }

    /// The axes of the array: one, and one of ``components`` if there are several.
    public var shape: [Int] { axes(count) }

    /// The axes of a unit.
    public var chunk: [Int] { axes(unit) }

    /// Where a unit begins.
    public func offset(ofUnit index: Int) -> [Int] { components > 1 ? [index * unit / components, 0] : [index * unit] }

    private func axes(_ count: Int) -> [Int] { components > 1 ? [count / components, components] : [count] }

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
