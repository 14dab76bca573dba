import Communication
import Lattices

extension RowSlabs {
    /// The one slab of a supercell that is not spread over ranks.
    convenience init(whole supercell: Supercell, kind: SiteVariable.Kind = .scalar) {
        // One domain is always possible.
        self.init(try! DomainGrid(supercell, rankCount: 1, halo: 1), communicator: SingleProcess(), kind: kind)
    }
}
