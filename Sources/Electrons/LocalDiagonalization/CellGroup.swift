/// Neighbouring cells taken together, so that one program works on all of them.
///
/// A group has `side` cells in every direction; its cells are numbered, the first direction fastest. Groups tile the lattice,
/// from cell 0 on. With a side of 1 a group is a cell.
struct CellGroup: Hashable, Sendable {
    /// Cells in every direction.
    let side: Int
    let dimension: Int

    /// Cells of a group.
    var count: Int { (0..<dimension).reduce(1) { count, _ in count * side } }

    /// The group a cell belongs to, and its number there.
    func member(_ cell: [Int]) -> (group: [Int], number: Int) {
        let group = cell.map { ($0 >= 0 ? $0 : $0 - side + 1) / side }
        let number = zip(cell, group).reversed().reduce(0) { $0 * side + $1.0 - $1.1 * side }
        return (group, number)
    }

    /// The cell that has a number in a group.
    func cell(_ number: Int, of group: [Int]) -> [Int] {
        var rest = number
        return group.map { coordinate in
            defer { rest /= side }
            return coordinate * side + rest % side
        }
    }

    /// How many groups in every direction it takes to cover so many cells.
    func groups(covering cells: [Int]) -> [Int] { cells.map { ($0 + side - 1) / side } }
}
