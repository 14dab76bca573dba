/// Names and places of the parameters of a network in one flat array.
public struct ParameterLayout: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public let name: String
        public let shape: [Int]
        public let range: Range<Int>
    }

    public private(set) var entries: [Entry] = []
    public var count: Int { entries.last?.range.upperBound ?? 0 }

    mutating func append(_ name: String, shape: [Int]) -> Range<Int> {
        let range = count..<count + shape.reduce(1, *)
        entries.append(Entry(name: name, shape: shape, range: range))
        return range
    }

    public subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}
