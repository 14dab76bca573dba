/// The order in which the sites of a patch are eliminated, and what they are joined to when it is their turn.
///
/// Eliminating a site joins all its neighbours to one another. The next is always one with the fewest neighbours (minimum
/// degree: Tinney & Walker, Proc. IEEE 55, 1801 (1967), doi:10.1109/PROC.1967.6011); among equals the one farthest from the
/// centre, in the order of ``Patch/sites``. The steps are then arranged so that every one follows the last of those it depends on
/// as closely as possible (a postorder of the elimination tree: J. W. H. Liu, SIAM J. Matrix Anal. Appl. 11, 134 (1990),
/// doi:10.1137/0611010), which changes no operation and keeps few numbers in use at a time.
struct EliminationOrder {
    /// One site eliminated.
    struct Step {
        let site: Int
        /// Sites not yet eliminated that it is joined to, ascending.
        let neighbors: [Int]
    }

    /// All sites.
    let steps: [Step]

    /// - Parameter kept: sites 0..<kept come after all others.
    init(_ neighbors: [[Int]], keeping kept: Int) {
        var joined = neighbors.map { Set($0) }
        var left = Set(neighbors.indices)
        var steps: [Step] = []
        while !left.isEmpty {
            let outer = left.filter { $0 >= kept }
            let site = (outer.isEmpty ? left : outer).min { a, b in
                joined[a].count == joined[b].count ? a > b : joined[a].count < joined[b].count
            }!
            left.remove(site)
            for neighbor in joined[site] {
                joined[neighbor].formUnion(joined[site])
                joined[neighbor].subtract([site, neighbor])
            }
            steps.append(Step(site: site, neighbors: joined[site].sorted()))
        }
        self.steps = Self.postorder(steps)
    }

    /// Every step after those whose first neighbour it is, which come directly before it.
    private static func postorder(_ steps: [Step]) -> [Step] {
        var times = [Int](repeating: 0, count: steps.count)
        for (time, step) in steps.enumerated() { times[step.site] = time }
        var children = [[Int]](repeating: [], count: steps.count)
        var roots: [Int] = []
        for (time, step) in steps.enumerated() {
            if let parent = step.neighbors.map({ times[$0] }).min() { children[parent].append(time) } else { roots.append(time) }
        }
        var ordered: [Step] = []
        func visit(_ time: Int) {
            for child in children[time] { visit(child) }
            ordered.append(steps[time])
        }
        for root in roots { visit(root) }
        return ordered
    }
}
