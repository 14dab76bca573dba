import Lattices

/// A site seen from a cell: the cell relative to it, and the site of the basis.
struct PatchSite: Hashable, Sendable {
    let cell: [Int]
    let basis: Int

    /// A basis site of the cell itself.
    init(basis: Int, dimension: Int) {
        cell = [Int](repeating: 0, count: dimension)
        self.basis = basis
    }

    init(cell: [Int], basis: Int) {
        self.cell = cell
        self.basis = basis
    }

    /// The site at the far end of a bond that leaves this one.
    func neighbor(along bond: Lattice.Bond) -> PatchSite {
        PatchSite(cell: zip(cell, bond.cell).map { $0 + $1 }, basis: bond.to)
    }

    /// This site seen from the cell that lies at −`displacement`.
    func translated(by displacement: [Int]) -> PatchSite {
        PatchSite(cell: zip(cell, displacement).map { $0 + $1 }, basis: basis)
    }
}

extension Lattice {
    /// The neighbours of a site, one for every bond that leaves it.
    func neighbors(of site: PatchSite) -> [PatchSite] {
        directedBonds(from: site.basis).map { site.neighbor(along: $0) }
    }
}
