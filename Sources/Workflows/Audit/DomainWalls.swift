import Lattices

/// How far sites are from the walls between the two charge-density waves.
package enum DomainWalls {
    /// The number of bonds from every site to the nearest wall; nil without two sublattices, and where there is no wall.
    ///
    /// The local order of a site is its staggered displacement plus the mean of its neighbours'; a site is at a wall,
    /// at distance 0, if a neighbour's local order has the other sign, or as a vector points away from it.
    package static func distances(in displacement: SiteField) -> [Int]? {
        let supercell = displacement.supercell
        guard let signs = supercell.sublatticeSigns() else { return nil }
        let table = supercell.neighborTable()
        let neighbors = (0..<supercell.siteCount).map { site in table.map { Int($0[site]) }.filter { $0 >= 0 } }
        let orders = (0..<displacement.componentCount).map { component in
            let staggered = zip(signs, displacement.component(component)).map { $0 * $1 }
            return neighbors.indices.map { site in
                staggered[site] + neighbors[site].reduce(0) { $0 + staggered[$1] } / Double(max(1, neighbors[site].count))
            }
        }
        func isWall(_ a: Int, _ b: Int) -> Bool {
            orders.count == 1 ? (orders[0][a] < 0) != (orders[0][b] < 0) : orders.reduce(0) { $0 + $1[a] * $1[b] } < 0
        }
        var distances = neighbors.indices.map { site in neighbors[site].contains { isWall($0, site) } ? 0 : -1 }
        var front = distances.indices.filter { distances[$0] == 0 }
        guard !front.isEmpty else { return nil }
        while !front.isEmpty {
            var next: [Int] = []
            for site in front {
                for other in neighbors[site] where distances[other] < 0 {
                    distances[other] = distances[site] + 1
                    next.append(other)
                }
            }
            front = next
        }
        return distances
    }
}
