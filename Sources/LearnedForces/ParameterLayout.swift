/// Names and places of the parameters of a network in one flat array.
public struct ParameterLayout: Sendable, Equatable {
    /// One named array of parameters.
    public struct Entry: Sendable, Equatable {
        /// Such as `layer0.A1.weight`.
        public let name: String
        /// Length of each axis, row-major.
        public let shape: [Int]
        /// Its place in the flat array.
        public let range: Range<Int>
    }

    /// All arrays in their order; they follow one another without gaps.
    public private(set) var entries: [Entry] = []
    /// Parameters in all.
    public var count: Int { entries.last?.range.upperBound ?? 0 }

    /// Arrays of the given names and shapes, one after the other.
    public init(_ arrays: [(name: String, shape: [Int])] = []) {
        for array in arrays { _ = append(array.name, shape: array.shape) }
    }

    mutating func append(_ name: String, shape: [Int]) -> Range<Int> {
        let range = count..<count + shape.reduce(1, *)
        entries.append(Entry(name: name, shape: shape, range: range))
        return range
    }

    /// The array of that name, nil if there is none.
    public subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}
