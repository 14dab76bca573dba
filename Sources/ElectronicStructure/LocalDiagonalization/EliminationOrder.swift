/// The order in which the sites of a patch are eliminated, and what they are joined to when it is their turn.
///
/// Eliminating a site joins all its neighbours to one another. The next is always one with the fewest neighbours (minimum
/// degree: Tinney & Walker, Proc. IEEE 55, 1801 (1967), doi:10.1109/PROC.1967.6011); among equals the one farthest from the
/// centre, in the order of ``Patch/sites``.
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
        self.steps = steps
    }
}
