import Lattices

/// Which sites the Hamiltonian couples, and by how many bonds.
///
/// In a supercell with a side of 2 a pair of sites has two bonds, and with a side of 1 a site is bonded to itself; the matrix
/// elements then add up.
struct BondGraph: Sendable {
    /// A bond as seen from one of its ends.
    struct Neighbor: Sendable {
        let site: Int
        /// Its index in `supercell.bondPairs()`.
        let bond: Int
    }

    /// The cell coordinates of every site, [site][axis].
    let cells: [[Int]]
    /// The bonds of every site to other sites; both ends list a bond.
    let neighbors: [[Neighbor]]
    /// Bonds of a site with its own image, as (site, bond).
    let loops: [(site: Int, bond: Int)]
    /// The shell of every bond.
    let shells: [Int]
    var bondCount: Int { shells.count }

    init(_ supercell: Supercell) {
        let pairs = supercell.bondPairs()
        var neighbors = [[Neighbor]](repeating: [], count: supercell.siteCount)
        var loops: [(site: Int, bond: Int)] = []
        for (bond, (from, to)) in pairs.enumerated() {
            if from == to {
                loops.append((from, bond))
            } else {
                neighbors[from].append(Neighbor(site: to, bond: bond))
                neighbors[to].append(Neighbor(site: from, bond: bond))
            }
        }
        self.neighbors = neighbors
        self.loops = loops
        shells = supercell.bondIndices().map { supercell.lattice.bonds[$0].shell }
        cells = (0..<supercell.siteCount).map(supercell.cell(of:))
    }
}
