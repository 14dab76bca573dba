import Lattices

/// The sites of an infinite lattice around one of them, and the bonds that join them to one another and to the rest.
///
/// A patch of radius 0 is the site alone. Each step outwards adds, for every site of the patch, its neighbours and the sites it
/// shares a shortest loop with: a loop that passes through the site and none of whose bonds is part of a shorter one. On the
/// square lattice that is a square of (2R+1)² sites, on the triangular lattice a hexagon, on the honeycomb lattice R rings of
/// hexagons, on the chain 2R+1 sites. Every patch has the symmetry of its centre.
///
/// A patch may instead have a core of several cells: then it is a box of cells, the core and R cells around it.
struct Patch: Sendable {
    /// The centre first, then by number of bonds to the centre; or the sites of the core first.
    let sites: [PatchSite]
    /// How many of the sites are the centre or the core: those whose densities are wanted.
    let coreCount: Int
    /// neighbors[k]: the sites of the patch a bond joins site k to, by index.
    let neighbors: [[Int]]
    /// outside[k]: the neighbours of site k that are not in the patch.
    let outside: [[PatchSite]]

    /// The patch around a site of the basis.
    init(_ lattice: Lattice, center: Int, radius: Int) {
        precondition(radius >= 0, "a radius of at least 0")
        let companions = lattice.basis.indices.map { Self.companions(of: $0, in: lattice) }
        let origin = PatchSite(basis: center, dimension: lattice.dimension)
        var inside: Set<PatchSite> = [origin]
        for _ in 0..<radius {
            for site in inside { inside.formUnion(companions[site.basis].map { $0.translated(by: site.cell) }) }
        }
        let distances = lattice.bondDistances(from: origin, limit: inside.count) { inside.contains($0) }
        let sites = inside.sorted {
            let (a, b) = (distances[$0]!, distances[$1]!)
            if a != b { return a < b }
            return $0.cell == $1.cell ? $0.basis < $1.basis : $0.cell.lexicographicallyPrecedes($1.cell)
        }
        self.init(lattice, sites: sites, coreCount: 1)
    }

    /// The box around the core of the cells 0..<core in every direction.
    private init(_ lattice: Lattice, core: Int, radius: Int) {
        var cells = [[Int]()]
        for _ in 0..<lattice.dimension { cells = cells.flatMap { cell in (-radius..<core + radius).map { [$0] + cell } } }
        func isCore(_ cell: [Int]) -> Bool { cell.allSatisfy((0..<core).contains) }
        let ordered = cells.filter(isCore) + cells.filter { !isCore($0) }
        self.init(
            lattice, sites: ordered.flatMap { cell in lattice.basis.indices.map { PatchSite(cell: cell, basis: $0) } },
            coreCount: cells.count(where: isCore) * lattice.basis.count)
    }

    /// The patches whose centres or cores are a group of `core` cells in every direction.
    static func all(_ lattice: Lattice, core: Int, radius: Int) -> [Patch] {
        if core > 1 { return [Patch(lattice, core: core, radius: radius)] }
        return lattice.basis.indices.map { Patch(lattice, center: $0, radius: radius) }
    }

    private init(_ lattice: Lattice, sites: [PatchSite], coreCount: Int) {
        let index = Dictionary(uniqueKeysWithValues: sites.enumerated().map { ($1, $0) })
        self.sites = sites
        self.coreCount = coreCount
        neighbors = sites.map { lattice.neighbors(of: $0).compactMap { index[$0] } }
        outside = sites.map { lattice.neighbors(of: $0).filter { index[$0] == nil } }
    }

    /// The neighbours of a basis site of the cell 0 and the sites on the shortest loops through each of its bonds.
    private static func companions(of basis: Int, in lattice: Lattice) -> Set<PatchSite> {
        let site = PatchSite(basis: basis, dimension: lattice.dimension)
        var companions: Set<PatchSite> = []
        for neighbor in lattice.neighbors(of: site) {
            companions.insert(neighbor)
            for length in 2...longestLoop - 1 {
                // The loop closes by a path of `length` bonds that does not use the bond itself.
                let near = lattice.bondDistances(from: site, without: neighbor, limit: length)
                guard near[neighbor] == length else { continue }
                let far = lattice.bondDistances(from: neighbor, without: site, limit: length)
                for (other, distance) in near where far[other].map({ $0 + distance == length }) ?? false {
                    companions.insert(other)
                }
                break
            }
        }
        companions.remove(site)
        return companions
    }

    /// Bonds of the longest loop that is looked for; bonds on none count as bonds of a tree.
    private static let longestLoop = 12
}

extension Lattice {
    /// The number of bonds on the shortest path to every site within `limit` bonds, over sites that are `allowed` and, if
    /// given, without the bond from `start` to `excluded`.
    fileprivate func bondDistances(
        from start: PatchSite, without excluded: PatchSite? = nil, limit: Int, allowed: (PatchSite) -> Bool = { _ in true }
    ) -> [PatchSite: Int] {
        var distances = [start: 0]
        var shell = [start]
        var distance = 0
        while !shell.isEmpty, distance < limit {
            distance += 1
            var next: [PatchSite] = []
            for site in shell {
                for neighbor in neighbors(of: site) where distances[neighbor] == nil && allowed(neighbor) {
                    if site == start, neighbor == excluded { continue }
                    distances[neighbor] = distance
                    next.append(neighbor)
                }
            }
            shell = next
        }
        return distances
    }
}
