import Electrons
import Lattices

/// A box of cells cut into blocks that threads take one by one.
struct BlockCutting: Sendable {
    /// Cells of a block, but where it ends at the end of the box.
    static func side(_ dimension: Int) -> Coordinates {
        dimension == 1 ? Coordinates(512, 1, 1) : dimension == 2 ? Coordinates(64, 8, 1) : Coordinates(32, 4, 4)
    }

    private let start: Coordinates
    private let end: Coordinates
    private let side: Coordinates
    private let blocks: Coordinates

    init(_ box: CellBox) {
        start = Coordinates(box.origin, padding: 0)
        let size = Coordinates(box.size, padding: 1)
        end = start &+ size
        side = Self.side(box.size.count)
        blocks = (size &+ side &- 1) / side
    }

    /// How many blocks there are.
    var count: Int { blocks.x * blocks.y * blocks.z }

    /// The first cell of a block.
    func origin(of index: Int) -> Coordinates {
        let rest = index / blocks.x
        return start &+ Coordinates(index % blocks.x, rest % blocks.y, rest / blocks.y) &* side
    }

    /// The cells of a block in each direction.
    func size(of index: Int) -> Coordinates {
        let rest = end &- origin(of: index)
        return side.replacing(with: rest, where: rest .< side)
    }
}
