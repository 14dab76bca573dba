import Lattices
import Synchronization

/// A force field that is made for whole periodic lattices, on boxes of cells: pieces are cut out with as much of their
/// surroundings as the forces depend on, taken for small periodic lattices, and solved.
///
/// What it costs more than the force field itself is the surroundings: less the larger the pieces are. Memory is that of a piece.
public final class CutOutForceField: LocalForceField {
    /// Computes the forces on all of a piece, for the extent of the displacement of the whole lattice.
    public typealias Piece = @Sendable (SiteField, FieldExtent, inout SiteField) throws -> Void

    public let receptiveField: Int
    public let alignment: Int
    private let supercell: Supercell
    private let whole: any ForceField
    private let make: @Sendable (Supercell) -> Piece
    /// Pieces of all sizes that were needed.
    private let known = Mutex<[(supercell: Supercell, compute: Piece)]>([])

    /// - Parameters:
    ///   - supercell: periodic in every direction.
    ///   - receptiveField: how far a force sees.
    ///   - alignment: cells that are solved together, from cell 0 of a piece on.
    ///   - whole: the force field on the supercell.
    ///   - make: the same on a piece, a periodic lattice.
    public init(
        on supercell: Supercell, receptiveField: Int, alignment: Int, whole: any ForceField,
        make: @escaping @Sendable (Supercell) -> Piece
    ) {
        precondition(supercell.isPeriodic, "no open ends")
        self.supercell = supercell
        self.receptiveField = receptiveField
        self.alignment = alignment
        self.whole = whole
        self.make = make
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try whole.computeForces(at: displacement, into: &forces)
    }

    public func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        precondition(displacement.supercell == supercell && forces.supercell == supercell, "fields on this supercell")
        // Pieces begin where cells that are solved together do.
        let side = max(alignment, Self.longestSide(box.size.count) / alignment * alignment)
        var pieces = [CellBox(origin: [], size: [])]
        for direction in box.size.indices {
            let range = box.range(direction)
            pieces = stride(from: range.lowerBound, to: range.upperBound, by: side).flatMap { start in
                pieces.map { piece in
                    CellBox(origin: piece.origin + [start], size: piece.size + [min(side, range.upperBound - start)])
                }
            }
        }
        for piece in pieces { try compute(piece, at: displacement, extent: extent, into: &forces) }
    }

    /// Cells of a piece in every direction.
    private static func longestSide(_ dimension: Int) -> Int { dimension == 1 ? 1 << 16 : dimension == 2 ? 256 : 48 }

    private func compute(
        _ box: CellBox, at displacement: SiteField, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        let halo = (receptiveField + alignment - 1) / alignment * alignment
        // Sides of a part of a supercell, and a halo around it, are sides of a supercell.
        let piece = try! Supercell(supercell.lattice, size: box.size.map { $0 + 2 * halo })
        // Beyond the receptive field anything will do.
        var part = SiteField(piece, kind: displacement.kind)
        let (own, others) = (displacement.componentCount, forces.componentCount)
        forEachSite(of: box, margin: receptiveField, halo: halo, in: piece) { inner, outer in
            for k in 0..<own { part.values[inner * own + k] = displacement.values[outer * own + k] }
        }
        var found = SiteField(piece, kind: forces.kind)
        let compute = known.withLock { known in
            if let entry = known.first(where: { $0.supercell == piece }) { return entry.compute }
            let entry = (piece, make(piece))
            known.append(entry)
            return entry.1
        }
        try compute(part, extent, &found)
        forEachSite(of: box, margin: 0, halo: halo, in: piece) { inner, outer in
            for k in 0..<others { forces.values[outer * others + k] = found.values[inner * others + k] }
        }
    }

    /// Calls `body` for the sites of a box and `margin` cells around it, as they are numbered in a piece and in the supercell.
    private func forEachSite(
        of box: CellBox, margin: Int, halo: Int, in piece: Supercell, _ body: (_ inner: Int, _ outer: Int) -> Void
    ) {
        let basis = supercell.lattice.basis.count
        let window = CellBox(origin: box.size.map { _ in halo - margin }, size: box.size.map { $0 + 2 * margin })
        for inner in window.siteRanges(in: piece).joined() {
            let cell = zip(piece.cell(of: inner), box.origin).map { $0 + $1 - halo }
            body(inner, supercell.site(cell: cell, basis: inner % basis))
        }
    }
}
