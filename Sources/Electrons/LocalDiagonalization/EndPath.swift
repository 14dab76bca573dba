import Lattices

/// A path from a site of a region through sites outside it and back to the region: what the outside adds to H − z there.
///
/// In units of t, eliminating the outside adds −Σ_paths Π_k G_k to element (first, last), where the product has a Green's
/// function of each site the path visits outside. A path of one site that returns to where it came from is the end of a tree.
struct EndPath: Hashable, Sendable {
    /// The site of the region that it leaves.
    let first: PatchSite
    /// The sites outside, in order.
    let outside: [PatchSite]
    /// The site of the region that it returns to.
    let last: PatchSite

    /// The same path, the other way.
    var reversed: EndPath { EndPath(first: last, outside: outside.reversed(), last: first) }

    /// Whether it is the end of a tree.
    var isTreeEnd: Bool { outside.count == 1 && first == last }

    /// The path with every site replaced by its image.
    func map(_ image: (PatchSite) -> PatchSite) -> EndPath {
        EndPath(first: image(first), outside: outside.map(image), last: image(last))
    }

    /// All paths that visit no site twice and at most `longest` sites outside.
    ///
    /// A path and its reverse are the same if their products are; where a single outside site has two neighbours in the region
    /// they are not, because it sends each a message of its own.
    ///
    /// - Parameters:
    ///   - starts: the sites of the region where paths may begin and end.
    ///   - region: all sites that are not outside.
    static func all(from starts: [PatchSite], region: Set<PatchSite>, longest: Int, in lattice: Lattice) -> [EndPath] {
        let ends = Set(starts)
        var paths: [EndPath] = []
        var known: Set<EndPath> = []
        for first in starts {
            var partial = lattice.neighbors(of: first).filter { !region.contains($0) }.map { [$0] }
            for _ in 0..<longest {
                for outside in partial {
                    for last in lattice.neighbors(of: outside.last!) where ends.contains(last) {
                        let path = EndPath(first: first, outside: outside, last: last)
                        if outside.count > 1, known.contains(path.reversed) { continue }
                        if known.insert(path).inserted { paths.append(path) }
                    }
                }
                partial = partial.flatMap { outside in
                    lattice.neighbors(of: outside.last!).filter { !region.contains($0) && !outside.contains($0) }
                        .map { outside + [$0] }
                }
            }
        }
        return paths
    }
}
