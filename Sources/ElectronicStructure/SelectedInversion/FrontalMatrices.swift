import Lattices

/// The symbolic analysis of one supercell: which frontal matrices are eliminated, in which order, and where they are stored.
///
/// A front belongs to a separator of the ``NestedDissection``. Its columns are the sites of the separator, its rows these and
/// the boundary: the sites eliminated later that what is eliminated up to here is bonded to. Everything here depends on the
/// bonds alone and is made once for a supercell.
///
/// I. S. Duff and J. K. Reid, *The multifrontal solution of indefinite sparse symmetric linear equations*, ACM Trans. Math.
/// Softw. 9, 302 (1983), doi:10.1145/356044.356047.
struct FrontalMatrices: Sendable {
    struct Front: Sendable {
        /// The sites eliminated here.
        let columns: [Int]
        /// The sites of the boundary, in the order of their elimination.
        let boundary: [Int]
        /// For each site of the boundary its row in the parent's front.
        var rowsInParent: [Int] = []
        let children: [Int]
        var parent: Int?
        /// The last front of a subtree: its Schur complement and then its part of the inverse pass through the interface.
        var isSubtreeRoot = false
        /// Bonds whose first eliminated end is one of the columns, row > column.
        let bonds: [MatrixElement]
        /// Where the columns are divided.
        let blocks: [ColumnBlock]
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

    struct MatrixElement: Sendable {
        let row: Int
        let column: Int
        let bond: Int
    }

    /// Columns eliminated together: as many as keep the pivot block in the fastest cache and the rest in long products.
    struct ColumnBlock: Sendable {
        let first: Int
        let width: Int
        /// Rows below the block.
        let remaining: Int
        /// Where the block's factors are kept: the inverse of the pivot block, width², then the multipliers, remaining × width.
        let panelOffset: Int
    }

    /// Fronts that one thread eliminates one after another.
    struct Task: Sendable {
        /// Children before parents.
        let fronts: [Int]
        /// Numbers of memory the task works in.
        var memory = 0
    }

    let graph: BondGraph
    private(set) var fronts: [Front]
    /// Subtrees independent of one another.
    private(set) var subtrees: [Task] = []
    /// What is above them; empty if one subtree is everything.
    private(set) var top = Task(fronts: [])
    /// Numbers of the panels of all fronts.
    let panelCount: Int
    /// Numbers of the interface: the Schur complements of all subtrees' last fronts.
    private(set) var interfaceCount = 0
    /// Complex multiplications of one elimination and inversion, for one pole.
    let multiplications: Double

    init(_ supercell: Supercell) {
        graph = BondGraph(supercell)
        let separators = NestedDissection(graph).separators
        let count = supercell.siteCount
        var position = [Int](repeating: 0, count: count)
        for (place, site) in separators.flatMap(\.sites).enumerated() { position[site] = place }
        var row = [Int](repeating: 0, count: count)
        fronts = []
        var panels = 0
        for separator in separators {
            let front = Front(separator, graph: graph, fronts: fronts, position: position, row: &row, panelCount: &panels)
            for child in separator.children {
                fronts[child].rowsInParent = fronts[child].boundary.map { row[$0] }
                fronts[child].parent = fronts.count
            }
            fronts.append(front)
        }
        panelCount = panels
        multiplications = fronts.map(\.multiplications).reduce(0, +)
        divide()
    }

    /// Divides the tree into subtrees of similar work, the same for any number of threads, and lays out the memory of each.
    private mutating func divide() {
        var work = fronts.map(\.multiplications)
        for (index, front) in fronts.enumerated() { for child in front.children { work[index] += work[child] } }
        let root = fronts.count - 1
        let largest = max(work[root] / 16, 200_000)
        var frontier = [root]
        var above: [Int] = []
        while let next = frontier.firstIndex(where: { work[$0] > largest && !fronts[$0].isLeaf }) {
            let index = frontier.remove(at: next)
            above.append(index)
            frontier.append(contentsOf: fronts[index].children)
        }
        let isSubtree = Set(frontier)
        for subtree in frontier.sorted() {
            var task = Task(fronts: postorder(subtree, stoppingAt: []))
            task.memory = layOut(subtree, stoppingAt: [])
            fronts[subtree].isSubtreeRoot = true
            fronts[subtree].updateOffset = interfaceCount
            interfaceCount += fronts[subtree].boundary.count * fronts[subtree].boundary.count
            subtrees.append(task)
        }
        guard !above.isEmpty else { return }
        top = Task(fronts: above.sorted())
        top.memory = layOut(root, stoppingAt: isSubtree)
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
        row: inout [Int], panelCount: inout Int
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
            columns: columns, boundary: boundary, children: separator.children, bonds: bonds, blocks: blocks)
    }

    /// Complex multiplications of elimination and inversion.
    var multiplications: Double {
        blocks.reduce(0) { sum, block in
            let (width, remaining) = (Double(block.width), Double(block.remaining))
            let elimination = width * width * width / 2 + remaining * width * width + remaining * remaining * width / 2
            return sum + elimination + remaining * remaining * width + remaining * width * width / 2
        }
    }
}
