import Lattices

/// The coefficients that corrected ends have: one for every class of paths that symmetry makes equal.
///
/// Every region is a site and the neighbour it sends its message to, or a patch. Two paths are of one class if an operation of
/// the lattice's symmetry maps one region onto the other (or onto itself) and one path onto the other.
struct EndClasses: Sendable {
    /// One coefficient.
    struct Class: Sendable, Equatable {
        let name: String
        /// Its value before anything is learned: 1 for the ends of trees, 0 for other paths.
        let unlearned: Double
        /// One of its paths.
        let example: EndCorrections.Example
    }

    /// A path with the number of its coefficient.
    struct Term: Sendable {
        let path: EndPath
        let coefficient: Int

        /// The same seen from the cell that lies at −`displacement`.
        func translated(by displacement: [Int]) -> Term {
            Term(path: path.map { $0.translated(by: displacement) }, coefficient: coefficient)
        }
    }

    private(set) var classes: [Class] = []
    /// messages[level − 2][kind]: the paths that end at the sender of a message, for levels from 2 on and all directed bonds of a
    /// cell.
    private(set) var messages: [[[Term]]] = []
    /// ends[k]: the paths that end at patch k.
    private(set) var ends: [[Term]] = []

    private var known: [Key: Int] = [:]

    private struct Key: Hashable {
        /// 1 for the ends of patches.
        let level: Int
        let region: Int
        let path: EndPath
    }

    /// A set of sites that paths leave and return to.
    private struct Region {
        let sites: Set<PatchSite>
        let starts: [PatchSite]

        /// The first of its sites, whichever way it is translated.
        var first: PatchSite { EndClasses.first(sites) }
    }

    /// - Parameters:
    ///   - patches: whose ends are corrected.
    ///   - levels: of the messages.
    ///   - terms: which paths have coefficients.
    init(_ lattice: Lattice, patches: [Patch], levels: Int, terms: EndCorrections.Terms) {
        let symmetries = LatticeSymmetry.all(of: lattice)
        let bonds = lattice.basis.indices.flatMap { basis -> [Region] in
            let sender = PatchSite(basis: basis, dimension: lattice.dimension)
            return lattice.neighbors(of: sender).map { Region(sites: [sender, $0], starts: [sender]) }
        }
        if levels > 1 {
            for level in 2...levels {
                messages.append(
                    self.terms(
                        of: bonds, level: level, longest: terms.messagePath, joinsDistant: false, symmetries: symmetries,
                        lattice: lattice))
            }
        }
        let regions = patches.map { patch in
            Region(
                sites: Set(patch.sites), starts: patch.sites.indices.filter { !patch.outside[$0].isEmpty }.map { patch.sites[$0] }
            )
        }
        ends = self.terms(
            of: regions, level: 1, longest: terms.endPath, joinsDistant: terms.joinsDistant, symmetries: symmetries,
            lattice: lattice)
    }

    private mutating func terms(
        of regions: [Region], level: Int, longest: Int, joinsDistant: Bool, symmetries: [LatticeSymmetry], lattice: Lattice
    ) -> [[Term]] {
        let images = regions.map { region in symmetries.compactMap { Self.image(of: region, under: $0, among: regions) } }
        return regions.indices.map { region in
            let paths = EndPath.all(from: regions[region].starts, region: regions[region].sites, longest: longest, in: lattice)
            return paths.filter {
                joinsDistant || $0.first == $0.last || lattice.neighbors(of: $0.first).contains($0.last)
            }.map { path in
                let keys = images[region].flatMap { image in
                    [path, path.reversed].map { Key(level: level, region: image.region, path: $0.map(image.site)) }
                }
                let key = keys.min { Self.precedes($0, $1) }!
                if let coefficient = known[key] { return Term(path: path, coefficient: coefficient) }
                known[key] = classes.count
                let kind = path.isTreeEnd ? "tree" : "path\(path.outside.count)"
                let place = level == 1 ? "end" : "level\(level)"
                let number = classes.count { $0.name.hasPrefix("\(place).\(kind).") }
                let receiver = regions[region].sites.first { level > 1 && $0 != path.first }
                classes.append(
                    Class(
                        name: "\(place).\(kind).\(number)", unlearned: path.isTreeEnd ? 1 : 0,
                        example: .init(
                            level: level, receiver: receiver?.cell,
                            cells: ([path.first] + path.outside + [path.last]).map(\.cell))))
                return Term(path: path, coefficient: classes.count - 1)
            }
        }
    }

    private struct Image {
        let region: Int
        let symmetry: LatticeSymmetry
        let shift: [Int]

        func site(_ site: PatchSite) -> PatchSite { symmetry.image(of: site).translated(by: shift) }
    }

    /// The region that an operation, with a translation, maps a region onto.
    private static func image(of region: Region, under symmetry: LatticeSymmetry, among regions: [Region]) -> Image? {
        let mapped = region.sites.map(symmetry.image)
        let first = first(mapped)
        for (index, candidate) in regions.enumerated() where candidate.first.basis == first.basis {
            let shift = zip(candidate.first.cell, first.cell).map { $0 - $1 }
            let starts = Set(region.starts.map { symmetry.image(of: $0).translated(by: shift) })
            if Set(mapped.map { $0.translated(by: shift) }) == candidate.sites, starts == Set(candidate.starts) {
                return Image(region: index, symmetry: symmetry, shift: shift)
            }
        }
        return nil
    }

    private static func first(_ sites: some Sequence<PatchSite>) -> PatchSite { sites.min(by: precedes)! }

    private static func precedes(_ a: PatchSite, _ b: PatchSite) -> Bool {
        a.cell == b.cell ? a.basis < b.basis : a.cell.lexicographicallyPrecedes(b.cell)
    }

    private static func precedes(_ a: Key, _ b: Key) -> Bool {
        if a.region != b.region { return a.region < b.region }
        let (left, right) = (
            [a.path.first] + a.path.outside + [a.path.last], [b.path.first] + b.path.outside + [b.path.last]
        )
        return left.lexicographicallyPrecedes(right, by: precedes)
    }
}
