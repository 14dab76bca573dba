/// Nested dissection: a set of sites is split by a separator into two parts without bonds between them, and these again.
///
/// The parts are cut where their cell coordinates are smaller and larger than some value, and the separator is what of one
/// side touches the other. Along a periodic direction that is two lines at the first cut and one at every later one; open,
/// odd, rectangular and three-dimensional lattices, and bonds of any range, need nothing else. A set that no such cut divides
/// is left whole, and eliminated as one dense block.
///
/// A. George, *Nested dissection of a regular finite element mesh*, SIAM J. Numer. Anal. 10, 345 (1973),
/// doi:10.1137/0710032.
struct NestedDissection {
    /// The sites of a separator, eliminated together after both parts that they separate.
    struct Separator {
        let sites: [Int]
        /// Indices of the separators of the parts, all smaller than its own.
        let children: [Int]
    }

    /// Every separator after those of the parts it separates; the last one is the root.
    private(set) var separators: [Separator] = []

    /// Sets of at most this many sites are not cut: measured, between 3 and 8 the time differs little.
    private static let smallestCut = 4

    private let graph: BondGraph
    /// The part each site is in, by the number of the cut that made it.
    private var part: [Int]
    private var parts = 0

    /// Orders all sites of a graph.
    init(_ graph: BondGraph) {
        self.graph = graph
        part = [Int](repeating: 0, count: graph.cells.count)
        _ = dissect(Array(graph.cells.indices))
    }

    /// Appends the separators of a set of sites, and returns the index of the last.
    private mutating func dissect(_ sites: [Int]) -> Int {
        guard sites.count > Self.smallestCut, let cut = bestCut(of: sites) else {
            separators.append(Separator(sites: sites, children: []))
            return separators.count - 1
        }
        let children = [cut.lower, cut.upper].map { half in
            parts += 1
            for site in half { part[site] = parts }
            return dissect(half)
        }
        separators.append(Separator(sites: cut.separator, children: children))
        return separators.count - 1
    }

    private struct Cut {
        let separator: [Int]
        let lower: [Int]
        let upper: [Int]

        /// What is to be small: the separator, with a penalty for parts of unequal size.
        var cost: Double {
            let imbalance = Double(abs(lower.count - upper.count)) / Double(lower.count + upper.count)
            return Double(separator.count) * (1 + imbalance)
        }
    }

    /// The cheapest cut across any axis near the middle; nil if none leaves sites on both sides.
    private func bestCut(of sites: [Int]) -> Cut? {
        var best: Cut?
        for axis in graph.cells[sites[0]].indices {
            let coordinates = sites.map { graph.cells[$0][axis] }.sorted()
            let middle = coordinates.count / 2
            let near = Set([coordinates[middle], coordinates[middle] + 1, coordinates[middle] - 1])
            for threshold in near.sorted() {
                for separatesLower in [true, false] {
                    let cut = self.cut(sites, axis: axis, at: threshold, separatesLower: separatesLower)
                    if cut.lower.isEmpty || cut.upper.isEmpty { continue }
                    if best.map({ cut.cost < $0.cost }) ?? true { best = cut }
                }
            }
        }
        return best
    }

    /// Sites below a coordinate and the others, without those of one side that touch the other.
    private func cut(_ sites: [Int], axis: Int, at threshold: Int, separatesLower: Bool) -> Cut {
        var separator: [Int] = []
        var lower: [Int] = []
        var upper: [Int] = []
        for site in sites {
            let isLower = graph.cells[site][axis] < threshold
            let touches =
                isLower == separatesLower
                && graph.neighbors[site].contains { neighbor in
                    part[neighbor.site] == part[site] && (graph.cells[neighbor.site][axis] < threshold) != isLower
                }
            if touches { separator.append(site) } else if isLower { lower.append(site) } else { upper.append(site) }
        }
        return Cut(separator: separator, lower: lower, upper: upper)
    }
}
