/// The smallest and the largest value of a field over a whole supercell, of several components among all of them.
///
/// Both are exact, so they do not depend on the order in which the values are looked at.
public struct FieldExtent: Sendable, Hashable {
    /// The smallest value.
    public var lowest: Double
    /// The largest value.
    public var highest: Double

    /// An extent found elsewhere.
    public init(lowest: Double, highest: Double) {
        self.lowest = lowest
        self.highest = highest
    }

    /// That of all values of a field; a value that is not a number is not seen.
    public init(of field: SiteField) {
        self.init(lowest: .infinity, highest: -.infinity)
        for value in field.values {
            lowest = value < lowest ? value : lowest
            highest = value > highest ? value : highest
        }
    }
}
