import Lattices

/// An operation that maps a lattice with its basis and its bonds onto itself, up to a translation.
///
/// A ``PointGroup`` has those that leave site 0 where it is; here are also those that map site 0 to another site of the basis,
/// such as the inversion of the honeycomb lattice.
struct LatticeSymmetry: Sendable {
    private let cellMatrix: [[Int]]
    private let basisImages: [PatchSite]

    /// Where a site goes.
    func image(of site: PatchSite) -> PatchSite {
        let cell = cellMatrix.map { row in zip(row, site.cell).reduce(0) { $0 + $1.0 * $1.1 } }
        return basisImages[site.basis].translated(by: cell)
    }

    /// All operations of a lattice, one for each rotation or reflection and image of site 0.
    static func all(of lattice: Lattice) -> [LatticeSymmetry] {
        lattice.isometries().flatMap { matrix in
            lattice.basis.indices.compactMap { LatticeSymmetry(matrix, imageOfFirst: $0, of: lattice) }
        }
    }

    private init?(_ cellMatrix: [[Int]], imageOfFirst: Int, of lattice: Lattice) {
        self.cellMatrix = cellMatrix
        var images: [PatchSite] = []
        for position in lattice.basis {
            let relative = zip(position, lattice.basis[0]).map { $0 - $1 }
            let target = zip(cellMatrix, lattice.basis[imageOfFirst]).map { row, origin in
                zip(row, relative).reduce(origin) { $0 + Double($1.0) * $1.1 }
            }
            let image = lattice.basis.indices.first { candidate in
                zip(target, lattice.basis[candidate]).allSatisfy { abs($0 - $1 - ($0 - $1).rounded()) < 1e-6 }
            }
            guard let image else { return nil }
            let cell = zip(target, lattice.basis[image]).map { Int(($0 - $1).rounded()) }
            images.append(PatchSite(cell: cell, basis: image))
        }
        basisImages = images
        for basis in lattice.basis.indices {
            let site = PatchSite(basis: basis, dimension: lattice.dimension)
            let own = self.image(of: site)
            guard Set(lattice.neighbors(of: site).map(self.image)) == Set(lattice.neighbors(of: own)) else { return nil }
        }
    }
}
