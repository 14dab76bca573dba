/// A box of cells of a supercell: `size` cells along each primitive vector from the cell `origin` on.
///
/// Coordinates are those of ``Supercell/cell(of:)``; a box does not reach around a periodic supercell.
public struct CellBox: Sendable, Hashable {
    /// The cell with the smallest coordinates, [x, y, …].
    public let origin: [Int]
    /// Cells in each direction.
    public let size: [Int]

    /// A box of at least no cells in every direction.
    public init(origin: [Int], size: [Int]) {
        precondition(origin.count == size.count && size.allSatisfy { $0 >= 0 }, "a size and an origin in every direction")
        self.origin = origin
        self.size = size
    }

    /// All cells of a supercell.
    public init(_ supercell: Supercell) {
        self.init(origin: supercell.size.map { _ in 0 }, size: supercell.size)
    }

    /// The product of the sides.
    public var cellCount: Int { size.reduce(1, *) }
    /// Whether there are no cells in it.
    public var isEmpty: Bool { size.contains(0) }

    /// The coordinates of its cells along a direction.
    public func range(_ direction: Int) -> Range<Int> { origin[direction]..<origin[direction] + size[direction] }

    /// The sites of the box in a supercell as ranges of neighbouring sites, in the order of the sites; as few as there are.
    public func siteRanges(in supercell: Supercell) -> [Range<Int>] {
        precondition(
            origin.indices.allSatisfy { range($0).lowerBound >= 0 && range($0).upperBound <= supercell.size[$0] },
            "a box inside the supercell")
        guard !isEmpty else { return [] }
        let basis = supercell.lattice.basis.count
        var starts = [0]
        for direction in size.indices.dropFirst().reversed() {
            starts = starts.flatMap { base in range(direction).map { base * supercell.size[direction] + $0 } }
        }
        var ranges: [Range<Int>] = []
        for base in starts {
            let first = (base * supercell.size[0] + origin[0]) * basis
            let range = first..<first + size[0] * basis
            if ranges.last?.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = ranges.last!.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges
    }
}
