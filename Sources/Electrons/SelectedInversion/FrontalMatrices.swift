import Lattices

/// The symbolic analysis of one supercell: which frontal matrices are eliminated, in which order, and where they are stored.
///
/// A front belongs to a separator of the ``NestedDissection``. Its columns are the sites of the separator, its rows these and
/// the boundary: the sites eliminated later that what is eliminated up to here is bonded to. Everything here depends on the
/// bonds alone and is made once for a supercell.
///
/// I. S. Duff and J. K. Reid, *The multifrontal solution of indefinite sparse symmetric linear equations*, ACM Trans. Math.
/// Softw. 9, 302 (1983), doi:10.1145/356044.356047.
struct FrontalMatrices: @unchecked Sendable {
    struct Front: BitwiseCopyable, @unchecked Sendable {
        /// The sites eliminated here.
        let columns: Table<Int>
        /// The sites of the boundary, in the order of their elimination.
        let boundary: Table<Int>
        /// For each site of the boundary its row in the parent's front.
        var rowsInParent: Table<Int>
        let children: Table<Int>
        var parent: Int?
        /// The last front of a subtree: its Schur complement and then its part of the inverse pass through the interface.
        var isSubtreeRoot = false
        /// Whether the inverse is wanted here or further down.
        var isWanted = true
        /// Bonds whose first eliminated end is one of the columns, row > column.
        let bonds: Table<MatrixElement>
        /// Where the columns are divided.
        let blocks: Table<ColumnBlock>
        /// What is known of the inverse there suffices to check rows of the product with the matrix: no children.
        var isLeaf: Bool { children.isEmpty }

        /// Where in the task's memory the front is eliminated.
        var frontOffset = 0
        /// Where in that memory, or in the interface for the last front of a subtree, its Schur complement is left.
        var updateOffset = 0
        /// Where in the task's memory the inverse on the front is built.
        var inverseOffset = 0

        /// Rows of the front.
        var size: Int { columns.count + boundary.count }
        /// Numbers from one row to the next: odd, so that neighbouring rows do not compete for the same lines of the cache.
        var width: Int { size | 1 }
        /// Numbers of the front.
        var area: Int { size * width }
    }

    struct MatrixElement: BitwiseCopyable {
        let row: Int
        let column: Int
        let bond: Int
    }

    /// Columns eliminated together: as many as keep the pivot block in the fastest cache and the rest in long products.
    struct ColumnBlock: BitwiseCopyable {
        let first: Int
        let width: Int
        /// Rows below the block.
        let remaining: Int
        /// Where the block's factors are kept: the inverse of the pivot block, width², then the multipliers, remaining × width.
        let panelOffset: Int
    }

    /// Fronts that one thread eliminates one after another.
    struct Task: @unchecked Sendable {
        /// Children before parents.
        let fronts: Table<Int>
        /// Numbers of memory the task works in.
        var memory = 0
    }

    let graph: BondGraph
    /// Children before parents; the last one is the root.
    let fronts: Table<Front>
    private let arena = TableArena()
    /// Subtrees independent of one another.
    let subtrees: [Task]
    /// What is above them; empty if one subtree is everything.
    let top: Task
    /// Numbers of the panels of all fronts.
    let panelCount: Int
    /// Numbers of the interface: the Schur complements of all subtrees' last fronts.
    let interfaceCount: Int
    /// Complex multiplications of one elimination and inversion, for one pole.
    let multiplications: Double

    /// - Parameter wanted: the sites whose diagonal elements of the inverse are wanted; all if nil.
    init(_ supercell: Supercell, wanted: [Bool]? = nil) {
        graph = BondGraph(supercell)
        let separators = NestedDissection(graph).separators
        let count = supercell.siteCount
        var position = [Int](repeating: 0, count: count)
        for (place, site) in separators.flatMap(\.sites).enumerated() { position[site] = place }
        var row = [Int](repeating: 0, count: count)
        let arena = arena
        var fronts: [Front] = []
        var panels = 0
        for separator in separators {
            let front = Front(
                separator, graph: graph, fronts: fronts, position: position, row: &row, panelCount: &panels, arena: arena)
            for child in separator.children {
                fronts[child].rowsInParent = arena.table(fronts[child].boundary.map { row[$0] })
                fronts[child].parent = fronts.count
            }
            fronts.append(front)
            if let wanted {
                let below = separator.children.contains { fronts[$0].isWanted }
                fronts[fronts.count - 1].isWanted = below || separator.sites.contains { wanted[$0] }
            }
        }
        panelCount = panels
        multiplications = fronts.map(\.multiplications).reduce(0, +)

        // Subtrees of similar work, the same for any number of threads.
        var division = Division(fronts: fronts, arena: arena)
        let roots = division.subtreeRoots()
        subtrees = roots.map { division.task(of: $0, above: []) }
        interfaceCount = division.makeInterface(roots)
        top = division.task(of: fronts.count - 1, above: roots)
        self.fronts = arena.table(division.fronts)
    }
}

/// Fronts as they are shared out to tasks and laid out in memory.
private struct Division {
    var fronts: [FrontalMatrices.Front]
    let arena: TableArena

    /// The last fronts of subtrees that have at most a sixteenth of the work, or too little to be worth dividing.
    func subtreeRoots() -> [Int] {
        var work = fronts.map(\.multiplications)
        for (index, front) in fronts.enumerated() { for child in front.children { work[index] += work[child] } }
        let largest = max(work[work.count - 1] / 16, 200_000)
        var frontier = [fronts.count - 1]
        while let next = frontier.firstIndex(where: { work[$0] > largest && !fronts[$0].isLeaf }) {
            frontier.append(contentsOf: fronts[frontier.remove(at: next)].children)
        }
        return frontier.sorted()
    }

    /// The Schur complements of subtrees one after the other; returns how many numbers they are.
    mutating func makeInterface(_ roots: [Int]) -> Int {
        var count = 0
        for root in roots {
            fronts[root].isSubtreeRoot = true
            fronts[root].updateOffset = count
            count += fronts[root].boundary.count * fronts[root].boundary.count
        }
        return count
    }

    /// The fronts from `root` downwards, without the subtrees of `roots`; none if the root is one of these.
    mutating func task(of root: Int, above roots: [Int]) -> FrontalMatrices.Task {
        let excluded = Set(roots)
        if excluded.contains(root) { return FrontalMatrices.Task(fronts: arena.table([])) }
        let memory = layOut(root, stoppingAt: excluded)
        return FrontalMatrices.Task(fronts: arena.table(postorder(root, stoppingAt: excluded)), memory: memory)
    }

    private func postorder(_ root: Int, stoppingAt excluded: Set<Int>) -> [Int] {
        fronts[root].children.filter { !excluded.contains($0) }.flatMap { postorder($0, stoppingAt: excluded) } + [root]
    }

    /// Assigns offsets to the fronts below `root`, and returns how much memory they need.
    ///
    /// The elimination uses the memory as a stack on which every front replaces its children's Schur complements by its own;
    /// the inversion as a stack of the fronts from the root down.
    private mutating func layOut(_ root: Int, stoppingAt excluded: Set<Int>) -> Int {
        var peak = 0
        func place(_ index: Int, at base: Int, inverseAt inverseBase: Int) {
            let area = fronts[index].area
            let inverseEnd = inverseBase + area
            var end = base
            for child in fronts[index].children where !excluded.contains(child) {
                place(child, at: end, inverseAt: inverseEnd)
                end += fronts[child].boundary.count * fronts[child].boundary.count
            }
            fronts[index].frontOffset = end
            fronts[index].updateOffset = base
            fronts[index].inverseOffset = inverseBase
            peak = max(peak, end + area, inverseEnd)
        }
        place(root, at: 0, inverseAt: 0)
        return peak
    }
}

extension FrontalMatrices.Front {
    /// The front of a separator whose children's fronts are known; leaves in `row` the row of each of its sites.
    fileprivate init(
        _ separator: NestedDissection.Separator, graph: BondGraph, fronts: [FrontalMatrices.Front], position: [Int],
        row: inout [Int], panelCount: inout Int, arena: TableArena
    ) {
        let columns = separator.sites
        // Parts that are not connected have no sites between them.
        let last = columns.last.map { position[$0] } ?? -1
        var later = Set(separator.children.flatMap { fronts[$0].boundary })
        for site in columns { later.formUnion(graph.neighbors[site].map(\.site)) }
        let boundary = later.filter { position[$0] > last }.sorted { position[$0] < position[$1] }
        for (place, site) in (columns + boundary).enumerated() { row[site] = place }
        let bonds = columns.flatMap { site in
            graph.neighbors[site].filter { position[$0.site] > position[site] }.map {
                FrontalMatrices.MatrixElement(row: row[$0.site], column: row[site], bond: $0.bond)
            }
        }
        var blocks: [FrontalMatrices.ColumnBlock] = []
        let width = columns.count + boundary.count > 160 ? 32 : 16
        for first in stride(from: 0, to: columns.count, by: width) {
            let width = min(width, columns.count - first)
            let remaining = columns.count + boundary.count - first - width
            blocks.append(.init(first: first, width: width, remaining: remaining, panelOffset: panelCount))
            panelCount += width * (width + remaining)
        }
        self.init(
            columns: arena.table(columns), boundary: arena.table(boundary), rowsInParent: arena.table([]),
            children: arena.table(separator.children), bonds: arena.table(bonds), blocks: arena.table(blocks))
    }

    /// Complex multiplications of elimination and, where it is wanted, inversion.
    var multiplications: Double {
        blocks.reduce(0) { sum, block in
            let (width, remaining) = (Double(block.width), Double(block.remaining))
            let elimination = width * width * width / 2 + remaining * width * width + remaining * remaining * width / 2
            let inversion = remaining * remaining * width + remaining * width * width / 2
            return sum + elimination + (isWanted ? inversion : 0)
        }
    }
}
