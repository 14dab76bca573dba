import Lattices

/// A piece of a configuration, cut out around a site, as a configuration of its own with open ends.
///
/// It holds the cells whose coordinates differ from the site's by at most a radius. In a direction in which it would be as long
/// as the configuration it is all of it, with the configuration's ends.
struct ConfigurationPatch {
    /// The displacement on the cut-out.
    let displacement: SiteField
    /// Sites of the cut-out: the one it was cut out around, then those bonded to it, always in the same order.
    let core: [Int]
    /// Whether nothing was cut off.
    let isWhole: Bool

    /// - Parameter radius: not smaller than the longest bond.
    init(of field: SiteField, around site: Int, radius: Int) {
        let whole = field.supercell
        let basis = whole.lattice.basis.count
        let cell = whole.cell(of: site)
        let ranges = whole.size.indices.map { axis -> Range<Int> in
            let side = whole.size[axis]
            if 2 * radius + 1 >= side { return 0..<side }
            let range = cell[axis] - radius..<cell[axis] + radius + 1
            return whole.periodic[axis] ? range : range.clamped(to: 0..<side)
        }
        let sides = ranges.map(\.count)
        let periodic = whole.size.indices.map { whole.periodic[$0] && sides[$0] == whole.size[$0] }
        let supercell: Supercell
        do {
            supercell = try Supercell(whole.lattice, size: sides, periodic: periodic).piece(
                of: whole, at: ranges.map(\.lowerBound))
        } catch { preconditionFailure("a piece of a supercell is one: \(error)") }
        let sources = (0..<supercell.siteCount).map { position in
            let source = zip(supercell.cell(of: position), ranges).map { $0 + $1.lowerBound }
            return whole.site(cell: source, basis: position % basis)
        }
        let center = zip(cell, ranges).map { $0 - $1.lowerBound }
        let bonded = whole.lattice.directedBonds(from: site % basis).compactMap { bond -> Int? in
            let end = zip(center, bond.cell).map { $0 + $1 }
            let exists = end.indices.allSatisfy { periodic[$0] || (0..<sides[$0]).contains(end[$0]) }
            return exists ? supercell.site(cell: end, basis: bond.to) : nil
        }
        displacement = SiteField(supercell, kind: field.kind, values: field.values(on: sources))
        core = [supercell.site(cell: center, basis: site % basis)] + bonded
        isWhole = sides == whole.size
    }
}
