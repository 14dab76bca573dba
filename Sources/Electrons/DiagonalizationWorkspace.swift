import LatticeNumerics
import Lattices
import Models

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
    ///
    /// - Parameters:
    ///   - energies: ε_i of every site.
    ///   - elements: h_ij of every bond.
    ///   - reservoir: whose energies count as those of electrons.
    func diagonalize(_ energies: [Double], _ elements: [Double], _ reservoir: Reservoir) throws -> Levels {
        let count = supercell.siteCount
        let matrix = solver.matrix
        matrix.update(repeating: 0)
        for site in 0..<count { matrix[site * count + site] = energies[site] }
        // A bond of a site with its own image stands on the diagonal twice, once for each direction.
        for ((from, to), element) in zip(bonds, elements) {
            matrix[from * count + to] += element
            matrix[to * count + from] += element
        }
        let far = farSites(energies, elements, reservoir)
        if !far.isEmpty { return try diagonalizeWithout(far, energies) }
        try solver.solve()
        return Levels(energies: Array(solver.eigenvalues), scale: max(-solver.eigenvalues.first!, solver.eigenvalues.last!))
    }

    /// Isolated sites, by ascending energy.
    private func farSites(_ energies: [Double], _ elements: [Double], _ reservoir: Reservoir) -> [Int] {
        let strongest = elements.reduce(0) { max($0, abs($1)) }
        var near = max(strongest * Double(supercell.lattice.mostNeighbors), reservoir.temperature)
        if let value = reservoir.fixedChemicalPotential { near = max(near, abs(value)) }
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
    private func diagonalizeWithout(_ far: [Int], _ all: [Double]) throws -> Levels {
        let (count, matrix) = (supercell.siteCount, solver.matrix)
        let energies = far.map { all[$0] }
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

    /// ⟨c†_i c_j⟩ = Σ_m f_m ψ_mi ψ_mj of every bond, with the eigenvectors of the last ``diagonalize(_:_:_:)``.
    func bondOrders(occupations: [Double]) -> [Double] {
        let count = supercell.siteCount
        var orders = [Double](repeating: 0, count: bonds.count)
        for (level, occupation) in occupations.enumerated() where occupation > 1e-300 {
            let state = solver.matrix.baseAddress! + level * count
            for (bond, (from, to)) in bonds.enumerated() { orders[bond] += occupation * state[from] * state[to] }
        }
        return orders
    }

    /// n_i = Σ_m f_m |ψ_mi|², with the eigenvectors of the last ``diagonalize(_:_:_:)``.
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
