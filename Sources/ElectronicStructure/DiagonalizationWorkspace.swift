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

    /// The levels of a Hamiltonian.
    struct Levels {
        /// ε_m in ascending order.
        var energies: [Double]
        /// The largest |ε_m| of all levels but those of isolated sites: rounding of the levels is relative to it.
        var scale: Double
    }

    /// A site is isolated if its energy is this many times larger than all other energies. In the whole matrix rounding would
    /// leave an error of 10⁻⁶ of the other levels; isolation neglects 10⁻²⁰ of them.
    private static let farRatio = 1e10

    /// Fills in H(Q) and diagonalizes it.
    ///
    /// Isolated sites have levels of their own, and shift the energies of their neighbours by −t²/ε_i.
    func diagonalize(_ displacement: SiteField, model: HolsteinModel) throws -> Levels {
        let count = supercell.siteCount
        let matrix = solver.matrix
        matrix.update(repeating: 0)
        for site in 0..<count { matrix[site * count + site] = -model.coupling * displacement[site] }
        // A bond of a site with its own image stands on the diagonal twice, once for each direction.
        for (from, to) in bonds {
            matrix[from * count + to] -= model.hopping
            matrix[to * count + from] -= model.hopping
        }
        let far = farSites(displacement, model: model)
        if !far.isEmpty { return try diagonalizeWithout(far, displacement, model: model) }
        try solver.solve()
        return Levels(energies: Array(solver.eigenvalues), scale: max(-solver.eigenvalues.first!, solver.eigenvalues.last!))
    }

    /// Isolated sites, by ascending energy.
    private func farSites(_ displacement: SiteField, model: HolsteinModel) -> [Int] {
        let energies = displacement.values.map { -model.coupling * $0 }
        var near = max(abs(model.hopping) * Double(supercell.lattice.mostNeighbors), model.temperature)
        if case .chemicalPotential(let value) = model.reservoir { near = max(near, abs(value)) }
        let sizes = energies.map(abs).sorted()
        for (smaller, larger) in zip(sizes, sizes.dropFirst()) {
            near = max(near, smaller)
            if near > 0, larger > Self.farRatio * near {
                return energies.indices.filter { abs(energies[$0]) >= larger }.sorted { energies[$0] < energies[$1] }
            }
        }
        return []
    }

    /// Takes sites out of the matrix, which is already filled in, and adds their levels to those of the rest.
    private func diagonalizeWithout(_ far: [Int], _ displacement: SiteField, model: HolsteinModel) throws -> Levels {
        let (count, matrix) = (supercell.siteCount, solver.matrix)
        let energies = far.map { -model.coupling * displacement[$0] }
        let rest = Set(0..<count).subtracting(far).sorted()
        for (site, energy) in zip(far, energies) {
            let neighbors = rest.filter { matrix[$0 * count + site] != 0 }
            for i in neighbors {
                for j in neighbors { matrix[i * count + j] -= matrix[i * count + site] / energy * matrix[j * count + site] }
            }
            for other in 0..<count { (matrix[site * count + other], matrix[other * count + site]) = (0, 0) }
        }
        // Their rows get levels just beyond those of the rest, in the same order.
        let bound = rest.reduce(0) { bound, i in max(bound, rest.reduce(0) { $0 + abs(matrix[i * count + $1]) }) }
        let scale = bound > 0 ? bound : 1
        let below = energies.count { $0 < 0 }
        for (order, site) in far.enumerated() {
            let step = Double(order < below ? order - below : order - below + 1) / Double(far.count)
            matrix[site * count + site] = scale * (step + (order < below ? -1 : 1))
        }
        try solver.solve()
        var levels = Array(solver.eigenvalues)
        for (order, energy) in energies.enumerated() { levels[order < below ? order : count - far.count + order] = energy }
        return Levels(energies: levels, scale: 2 * scale)
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
