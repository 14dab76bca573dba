import ForceFields
import Lattices
import Testing

/// A supercell cut into domains, as processes would have them.
struct DomainCuts {
    /// The first cells of the domains in each direction.
    let starts: [[Int]]

    func domains(of whole: Supercell, reach: Int, alignment: Int) -> [Domain] {
        let halo = (reach + alignment - 1) / alignment * alignment
        var boxes = [CellBox(origin: [], size: [])]
        for (side, starts) in zip(whole.size, starts) {
            let ends = starts.dropFirst() + [side]
            boxes = zip(starts, ends).flatMap { start, end in
                boxes.map { CellBox(origin: $0.origin + [start], size: $0.size + [end - start]) }
            }
        }
        return boxes.map { box in
            Domain(whole, box: box, halo: zip(box.size, whole.size).map { $0 == $1 ? 0 : max(halo, 1) })
        }
    }
}

/// A domain's window cut in up to 3^d boxes: a frame of `width` cells, and what is inside.
func frameAndInterior(of window: CellBox, width: Int) -> [CellBox] {
    var boxes = [CellBox(origin: [], size: [])]
    for direction in window.size.indices {
        let range = window.range(direction)
        let cuts = Set([range.lowerBound, range.lowerBound + width, range.upperBound - (range.count - width) % width - width])
            .filter { range.contains($0) }.sorted()
        boxes = zip(cuts, cuts.dropFirst() + [range.upperBound]).flatMap { start, end in
            boxes.map { CellBox(origin: $0.origin + [start], size: $0.size + [end - start]) }
        }
    }
    return boxes
}

/// Whether the forces on domains, each cut into boxes, have the bits of those on the whole, if nothing is known of the
/// displacement beyond the receptive field.
func expectTheBitsOfTheWhole(
    at displacement: SiteField, cut cuts: DomainCuts, by field: (Supercell) throws -> any LocalForceField,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let whole = displacement.supercell
    let basis = whole.lattice.basis.count
    let onWhole = try field(whole)
    let forces = try onWhole.forces(at: displacement)
    #expect(forces.values.contains { $0 != 0 }, sourceLocation: sourceLocation)
    let extent = FieldExtent(of: displacement)
    let reach = onWhole.receptiveField
    for domain in cuts.domains(of: whole, reach: reach, alignment: onWhole.alignment) {
        func siteOfWhole(_ site: Int) -> Int {
            let cell = zip(domain.local.cell(of: site), zip(domain.box.origin, domain.halo)).map { $0 + $1.0 - $1.1 }
            return whole.site(cell: cell, basis: site % basis)
        }
        func distance(_ site: Int) -> Int {
            domain.local.cell(of: site).enumerated().map { direction, x in
                let range = domain.window.range(direction)
                return domain.halo[direction] == 0 ? 0 : max(0, range.lowerBound - x, x - range.upperBound + 1)
            }.max()!
        }
        let local = SiteField(
            domain.local,
            values: (0..<domain.local.siteCount).map { distance($0) > reach ? .nan : displacement[siteOfWhole($0)] })
        let onDomain = try field(domain.local)
        for boxes in [[domain.window], frameAndInterior(of: domain.window, width: onWhole.alignment * 2)] {
            var found = SiteField(domain.local, repeating: 12345)
            for box in boxes { try onDomain.computeForces(at: local, in: box, extent: extent, into: &found) }
            let wrong = (0..<domain.local.siteCount).filter { site in
                let expected = distance(site) > 0 ? 12345 : forces[siteOfWhole(site)]
                return found[site].bitPattern != expected.bitPattern
            }
            #expect(wrong.isEmpty, "\(domain.box): \(wrong.count) sites", sourceLocation: sourceLocation)
        }
    }
}

/// The farthest cell whose displacement changes a force in a box at the origin, and whether any beyond `reach` does.
///
/// Everything at a distance is replaced, and the extent is the same.
func expectTightReceptiveField(
    _ field: any LocalForceField, at displacement: SiteField, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let supercell = displacement.supercell
    let reach = field.receptiveField
    let basis = supercell.lattice.basis.count
    let box = CellBox(origin: supercell.size.map { _ in 0 }, size: supercell.size.map { _ in field.alignment })
    let extent = FieldExtent(lowest: -6, highest: 6)
    var before = SiteField(supercell)
    try field.computeForces(at: displacement, in: box, extent: extent, into: &before)
    var isTight = false
    for site in box.siteRanges(in: supercell).joined() {
        let cell = supercell.cell(of: site)
        func force(replacing isReplaced: (Int) -> Bool) throws -> Double {
            var moved = displacement
            for other in 0..<supercell.siteCount {
                let distance = zip(zip(supercell.cell(of: other), cell), supercell.size).map { pair, side in
                    let straight = abs(pair.0 - pair.1)
                    return min(straight, side - straight)
                }.max()!
                if isReplaced(distance) { moved[other] = 0.3 - displacement[(other + basis) % supercell.siteCount] }
            }
            var after = SiteField(supercell)
            try field.computeForces(at: moved, in: box, extent: extent, into: &after)
            return after[site]
        }
        #expect(try force { $0 > reach } == before[site], sourceLocation: sourceLocation)
        if try force(replacing: { $0 == reach }) != before[site] { isTight = true }
    }
    #expect(isTight, "reach \(reach)", sourceLocation: sourceLocation)
}
