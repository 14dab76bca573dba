import LatticeNumerics
import Lattices

/// The dense matrices of one diagonalization at a time.
final class DiagonalizationWorkspace: SolverWorkspace, @unchecked Sendable {
    let supercell: Supercell
    private let bonds: [(Int, Int)]
    private let solver: SymmetricEigensolver

    init(_ supercell: Supercell) {
        self.supercell = supercell
        bonds = supercell.bondPairs()
        solver = SymmetricEigensolver(dimension: supercell.siteCount)
    }

    /// Fills in H(Q), diagonalizes it, and returns the eigenvalues in ascending order.
    func diagonalize(_ displacement: SiteField, model: HolsteinModel) throws -> [Double] {
        let count = supercell.siteCount
        let matrix = solver.matrix
        matrix.update(repeating: 0)
        for site in 0..<count { matrix[site * count + site] = -model.coupling * displacement[site] }
        // A bond of a site with its own image stands on the diagonal twice, once for each direction.
        for (from, to) in bonds {
            matrix[from * count + to] -= model.hopping
            matrix[to * count + from] -= model.hopping
        }
        try solver.solve()
        return Array(solver.eigenvalues)
    }

    /// ⟨c†_i c_j⟩ = Σ_m f_m ψ_mi ψ_mj of every bond, with the eigenvectors of the last ``diagonalize(_:model:)``.
    func bondOrders(occupations: [Double]) -> [Double] {
        let count = supercell.siteCount
        var orders = [Double](repeating: 0, count: bonds.count)
        for (level, occupation) in occupations.enumerated() where occupation > 1e-300 {
            let state = solver.matrix.baseAddress! + level * count
            for (bond, (from, to)) in bonds.enumerated() { orders[bond] += occupation * state[from] * state[to] }
        }
        return orders
    }

    /// n_i = Σ_m f_m |ψ_mi|², with the eigenvectors of the last ``diagonalize(_:model:)``.
    func density(occupations: [Double]) -> [Double] {
        let count = supercell.siteCount
        var density = [Double](repeating: 0, count: count)
        for (level, occupation) in occupations.enumerated() where occupation > 1e-300 {
            let state = solver.matrix[level * count..<(level + 1) * count]
            for (site, amplitude) in zip(density.indices, state) { density[site] += occupation * amplitude * amplitude }
        }
        return density
    }
}
