import Foundation
import LatticeNumerics
import Lattices
import Models

/// The memory of selected inversion on one supercell: allotted once, and again only when more poles or threads are asked for.
final class SelectedInversionWorkspace: SolverWorkspace, @unchecked Sendable {
    let supercell: Supercell
    let structure: FrontalMatrices
    /// Poles are in the lanes.
    private typealias Inversion = FrontalInversion<SIMD8<Double>>
    private var groups: [Inversion] = []
    private var threadMemory: [UnsafeMutablePointer<Inversion.Lanes>] = []
    private let energies: UnsafeMutableBufferPointer<Double>
    private let bondElements: UnsafeMutableBufferPointer<Double>

    init(_ supercell: Supercell) {
        self.supercell = supercell
        structure = FrontalMatrices(supercell)
        energies = .allocate(capacity: supercell.siteCount)
        bondElements = .allocate(capacity: structure.graph.bondCount)
    }

    deinit {
        for memory in threadMemory { memory.deallocate() }
        energies.deallocate()
        bondElements.deallocate()
    }

    /// Poles of a group.
    static var lanes: Int { SIMD8<Double>.scalarCount }

    /// What one elimination and inversion for all poles gives.
    struct Solution {
        /// n_i
        let density: [Double]
        /// ⟨c†_i c_j⟩ if they were wanted.
        let bondOrders: [Double]?
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

    /// - Parameter expansion: a multiple of ``lanes`` poles.
    /// - Throws: ``ElectronicStructureError/singularFront(site:cell:)``.
    func solve(
        _ h: UniformTightBinding, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion,
        wanted: WantedElements, pool: WorkerPool
    ) throws -> Solution {
        let count = supercell.siteCount
        for site in 0..<count { energies[site] = h.energy(site) - chemicalPotential }
        for bond in bondElements.indices { bondElements[bond] = h.element(shell: structure.graph.shells[bond]) }
        for (site, bond) in structure.graph.loops { energies[site] += 2 * bondElements[bond] }
        let active = prepareGroups(expansion, temperature: temperature)
        eliminateAndInvert(active.map(\.inversion), pool: pool)

        var density = [Double](repeating: 0.5, count: count)
        var bondOrders = [Double](repeating: 0, count: wanted.contains(.bonds) ? structure.graph.bondCount : 0)
        // Tr ln 2cosh((H−μ)/2k_BT) = N c + ½ Σ_k w_k (ln |det(H − μ − i a_k k_BT)|² − 2N ln k_BT)
        var grandPotential = energies.reduce(0, +) / 2 - temperature * Double(count) * expansion.logarithmConstant
        var roundingError = 0.0
        for (inversion, shifts, weights) in active {
            let result = inversion.result
            if let site = result.singularSite {
                throw ElectronicStructureError.singularFront(site: site, cell: supercell.cell(of: site))
            }
            for site in 0..<count { density[site] -= (inversion.inverseDiagonal[site] * weights).sum() }
            for bond in bondOrders.indices { bondOrders[bond] -= (inversion.inverseBonds[bond] * weights).sum() }
            let logarithm = result.logarithm - 2 * Double(count) * log(temperature)
            grandPotential -= (weights * logarithm).sum() / 2
            roundingError += (weights / shifts * result.residual.squareRoot()).sum()
        }
        if wanted.contains(.bonds) { for (site, bond) in structure.graph.loops { bondOrders[bond] = density[site] } }
        return Solution(
            density: density, bondOrders: wanted.contains(.bonds) ? bondOrders : nil, grandPotential: grandPotential,
            roundingError: roundingError)
    }

    /// An inversion for every eight poles, with a_k k_BT and k_BT w_k; the diagonals H_ii − μ − i a_k k_BT are filled in.
    private func prepareGroups(
        _ expansion: PoleExpansion, temperature: Double
    ) -> [(inversion: Inversion, shifts: SIMD8<Double>, weights: SIMD8<Double>)] {
        let count = expansion.poles.count / Self.lanes
        while groups.count < count {
            groups.append(Inversion(structure, bondElements: Table(bondElements), wantsDeterminant: true))
        }
        return groups.prefix(count).enumerated().map { index, inversion in
            let poles = index * Self.lanes..<(index + 1) * Self.lanes
            let shifts = temperature * SIMD8(expansion.poles[poles])
            for site in energies.indices {
                inversion.diagonal[site] = ComplexLanes(SIMD8(repeating: energies[site]), -shifts)
            }
            return (inversion, shifts, temperature * SIMD8(expansion.weights[poles]))
        }
    }

    private func eliminateAndInvert(_ groups: [Inversion], pool: WorkerPool) {
        let required = structure.subtrees.map(\.memory).max() ?? 0
        while threadMemory.count < pool.threads { threadMemory.append(.allocate(capacity: required)) }
        // Elements of the inverse decay with the distance of their sites, beyond the range of numbers.
        func forEach(_ count: Int, _ body: @Sendable (_ piece: Int, _ worker: Int) -> Void) {
            pool.forEach(count: count) { piece, worker in SubnormalNumbers.flushed { body(piece, worker) } }
        }
        let subtrees = structure.subtrees.count
        forEach(groups.count * subtrees) { piece, worker in
            groups[piece / subtrees].eliminateSubtree(piece % subtrees, memory: self.threadMemory[worker])
        }
        forEach(groups.count) { group, _ in groups[group].solveTop() }
        forEach(groups.count * subtrees) { piece, worker in
            groups[piece / subtrees].invertSubtree(piece % subtrees, memory: self.threadMemory[worker])
        }
    }
}
