import Lattices

/// Where the values of one rank's domain go among the slabs, and where the values of its slab come from.
struct SlabPlan: Sendable {
    /// Values of the domain's field that belong to another rank's slab, or of the slab that are in another rank's domain.
    struct Part {
        let rank: Int
        let ranges: [Range<Int>]

        var count: Int { ranges.reduce(0) { $0 + $1.count } }
    }

    /// Parts of the field that other ranks get.
    let leaving: [Part]
    /// Parts of the slab that other ranks have.
    let coming: [Part]
    /// What stays on this rank, as ranges of the field and as the same ranges of the slab.
    let staying: (field: [Range<Int>], slab: [Range<Int>])

    init(_ grid: DomainGrid, partition: RowPartition, rank own: Int, kind: SiteVariable.Kind) {
        let domain = grid.domain(of: own)
        let count = kind.count(in: grid.whole.lattice)
        let first = partition.sites(of: own).lowerBound

        func inField(_ box: CellBox) -> [Range<Int>] {
            guard !box.isEmpty else { return [] }
            let origin = box.origin.indices.map { box.origin[$0] - domain.box.origin[$0] + domain.halo[$0] }
            return CellBox(origin: origin, size: box.size).siteRanges(in: domain.local)
                .map { $0.lowerBound * count..<$0.upperBound * count }
        }
        func inSlab(_ box: CellBox) -> [Range<Int>] {
            guard !box.isEmpty else { return [] }
            return box.siteRanges(in: grid.whole).map { ($0.lowerBound - first) * count..<($0.upperBound - first) * count }
        }

        let others = (0..<grid.rankCount).filter { $0 != own }
        leaving = others.map { Part(rank: $0, ranges: inField(domain.box.rows(partition.rows(of: $0)))) }
            .filter { !$0.ranges.isEmpty }
        coming = others.map { Part(rank: $0, ranges: inSlab(grid.box(of: $0).rows(partition.rows(of: own)))) }
            .filter { !$0.ranges.isEmpty }
        let kept = domain.box.rows(partition.rows(of: own))
        staying = (inField(kept), inSlab(kept))
    }
}

extension CellBox {
    /// The part with given coordinates in the slowest direction.
    fileprivate func rows(_ rows: Range<Int>) -> CellBox {
        let direction = size.count - 1
        let common = range(direction).clamped(to: rows)
        return CellBox(origin: origin.dropLast() + [common.lowerBound], size: size.dropLast() + [common.count])
    }
}
