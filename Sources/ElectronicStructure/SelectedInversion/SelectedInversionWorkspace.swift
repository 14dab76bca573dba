import Foundation
import LatticeNumerics
import Lattices

/// The memory of selected inversion on one supercell: allotted once, and again only when more poles or threads are asked for.
final class SelectedInversionWorkspace: SolverWorkspace, @unchecked Sendable {
    let supercell: Supercell
    let structure: FrontalMatrices
    private var groups: [PoleGroup] = []
    private var threadMemory: [UnsafeMutablePointer<Lanes>] = []
    private let energies: UnsafeMutableBufferPointer<Double>

    init(_ supercell: Supercell) {
        self.supercell = supercell
        structure = FrontalMatrices(supercell)
        energies = .allocate(capacity: supercell.siteCount)
    }

    deinit {
        for memory in threadMemory { memory.deallocate() }
        energies.deallocate()
    }

    /// What one elimination and inversion for all poles gives.
    struct Solution {
        /// n_i
        let density: [Double]
        /// ⟨c†_i c_j⟩
        let bondOrders: [Double]
        /// −k_BT Tr ln(1 + e^{−(H−μ)/k_BT})
        let grandPotential: Double
        /// By how much rounding may have changed a density.
        let roundingError: Double

        /// Σ_i (n_i − filling), summed so that rounding does not grow with the number of sites.
        func excess(over filling: Double) -> Double {
            var (sum, correction) = (0.0, 0.0)
            for value in density {
                let term = value - filling
                let total = sum + term
                correction += abs(sum) >= abs(term) ? (sum - total) + term : (term - total) + sum
                sum = total
            }
            return sum + correction
        }
    }

    /// - Throws: ``ElectronicStructureError/singularFront(site:cell:)``.
    func solve(
        _ displacement: SiteField, model: HolsteinModel, chemicalPotential: Double, expansion: PoleExpansion, pool: WorkerPool
    ) throws -> Solution {
        let count = supercell.siteCount
        for site in 0..<count { energies[site] = -model.coupling * displacement[site] - chemicalPotential }
        for (site, _) in structure.graph.loops { energies[site] -= 2 * model.hopping }
        let active = prepareGroups(expansion, temperature: model.temperature)
        let matrix = SiteEnergies(energies: UnsafeBufferPointer(energies), hopping: model.hopping)
        eliminateAndInvert(matrix, groups: active, pool: pool)

        var density = [Double](repeating: 0.5, count: count)
        var bondOrders = [Double](repeating: 0, count: structure.graph.bondCount)
        // Tr ln 2cosh((H−μ)/2k_BT) = N c + ½ Σ_k w_k (ln |det(H − μ − i a_k k_BT)|² − 2N ln k_BT)
        var grandPotential = energies.reduce(0, +) / 2 - model.temperature * Double(count) * expansion.logarithmConstant
        var roundingError = 0.0
        for group in active {
            let result = group.result
            if let site = result.singularSite {
                throw ElectronicStructureError.singularFront(site: site, cell: supercell.cell(of: site))
            }
            for site in 0..<count { density[site] -= group.diagonal[site] }
            for bond in bondOrders.indices { bondOrders[bond] -= group.bonds[bond] }
            for (site, bond) in structure.graph.loops { bondOrders[bond] = density[site] }
            let logarithm = result.logarithm - 2 * Double(count) * log(model.temperature)
            grandPotential -= (group.weights * logarithm).sum() / 2
            roundingError += (group.weights / group.shifts * result.residual.squareRoot()).sum()
        }
        return Solution(
            density: density, bondOrders: bondOrders, grandPotential: grandPotential, roundingError: roundingError)
    }

    /// As many groups as there are eights of poles.
    private func prepareGroups(_ expansion: PoleExpansion, temperature: Double) -> [PoleGroup] {
        let count = expansion.poles.count / Lanes.count
        while groups.count < count { groups.append(PoleGroup(structure)) }
        for (index, group) in groups.prefix(count).enumerated() {
            let poles = index * Lanes.count..<(index + 1) * Lanes.count
            group.prepare(
                shifts: temperature * SIMD8(expansion.poles[poles]), weights: temperature * SIMD8(expansion.weights[poles]))
        }
        return Array(groups.prefix(count))
    }

    private func eliminateAndInvert(_ matrix: SiteEnergies, groups: [PoleGroup], pool: WorkerPool) {
        let required = structure.subtrees.map(\.memory).max() ?? 0
        while threadMemory.count < pool.threads { threadMemory.append(.allocate(capacity: required)) }
        // Elements of the inverse decay with the distance of their sites, beyond the range of numbers.
        func forEach(_ count: Int, _ body: @Sendable (_ piece: Int, _ worker: Int) -> Void) {
            pool.forEach(count: count) { piece, worker in SubnormalNumbers.flushed { body(piece, worker) } }
        }
        let subtrees = structure.subtrees.count
        forEach(groups.count * subtrees) { piece, worker in
            groups[piece / subtrees].eliminateSubtree(piece % subtrees, matrix, memory: self.threadMemory[worker])
        }
        forEach(groups.count) { group, _ in groups[group].solveTop(matrix) }
        forEach(groups.count * subtrees) { piece, worker in
            groups[piece / subtrees].invertSubtree(piece % subtrees, matrix, memory: self.threadMemory[worker])
        }
    }
}
