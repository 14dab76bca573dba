import LatticeNumerics
import Lattices
import Models

/// The electrons without eigenvectors: numerically exact, of cost N^1.5 and memory N ln N in two dimensions.
///
/// The Fermi function is a sum over the poles of a ``PoleExpansion``, so that densities, bond orders and the grand potential
/// follow from elements of sparse inverses Z_k = (H − μ − i a_k k_BT)⁻¹ and from their determinants:
///
///     n_i       = ½ − k_BT Σ_k w_k Re [Z_k]_ii
///     ⟨c†_i c_j⟩ = −k_BT Σ_k w_k Re [Z_k]_ij        (i ≠ j)
///     Ω_e       = Σ_i (H_ii − μ)/2 − k_BT (N c − Σ_k w_k ln |det Z_k k_BT|)
///
/// The inverses are found only where the matrix itself has elements: multifrontal LDLᵀ in the order of a nested dissection,
/// then back from the last front to the first. The matrices of all poles have one structure, which is analysed once for a
/// supercell, and eight of them are worked on at once in the lanes of the vector registers. Poles and subtrees are shared out
/// to threads; the result does not depend on their number.
///
/// L. Lin, J. Lu, L. Ying and W. E, *Pole-based approximation of the Fermi–Dirac function*, Chin. Ann. Math. B 30, 729 (2009),
/// doi:10.1007/s11401-009-0201-7; L. Lin et al., *SelInv*, ACM Trans. Math. Softw. 37, 40 (2011), doi:10.1145/1916461.1916464.
public struct SelectedInversion: PotentialSolver {
    public static let name = "selected-inversion"
    /// The tolerance unless another is given.
    public static let toleranceDefault = 1e-10

    /// The largest allowed error of a density.
    public let tolerance: Double
    private let pool: WorkerPool
    private let workspaces = WorkspaceStore<SelectedInversionWorkspace>()

    /// A solver without memory; that is allotted by the first solution on a supercell and kept.
    ///
    /// - Parameters:
    ///   - tolerance: the largest allowed error of a density.
    ///   - pool: the threads of one solution.
    public init(tolerance: Double = Self.toleranceDefault, pool: WorkerPool = WorkerPool(threads: 1)) {
        self.tolerance = tolerance
        self.pool = pool
    }

    /// - Throws: ``ElectronicStructureError`` for a displacement that is not finite, k_BT = 0, a tolerance that rounding does
    ///   not allow, and a front that cannot be eliminated; ``PoleExpansionError`` if no expansion meets the tolerance.
    public func solveWithPotential(
        _ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements
    ) throws -> ElectronicState {
        let (h, temperature) = (try uniform(h, shells: true), reservoir.temperature)
        try h.validate()
        guard temperature > 0 else { throw ElectronicStructureError.zeroTemperature(solver: Self.name) }
        return try workspaces.withWorkspace(for: h.supercell) { workspace in
            let bounds = SpectrumBounds(h)
            func solution(_ chemicalPotential: Double) throws -> Solution {
                let expansion = try expansion(energy: bounds.distance(from: chemicalPotential), temperature: temperature)
                let found = try workspace.solve(
                    h, temperature: temperature, chemicalPotential: chemicalPotential, expansion: expansion, wanted: wanted,
                    pool: pool)
                return (found, expansion.error)
            }
            switch reservoir.particles {
            case .chemicalPotential(let value):
                return try result(solution(value), h.supercell, reservoir, chemicalPotential: value)
            case .filling(let filling):
                let search = try FillingSearch(filling: filling, temperature: temperature, h, bounds: bounds)
                // ∂n_i/∂μ ≥ 0: no density is off by more than their sum is.
                let (value, last) = try search.root(
                    tolerance: tolerance / 4,
                    excess: { value in
                        let solution = try solution(value)
                        return (solution.found.excess(over: filling), solution)
                    })
                return try result(last, h.supercell, reservoir, chemicalPotential: value, filling: filling)
            }
        }
    }

    private typealias Solution = (found: SelectedInversionWorkspace.Solution, expansionError: Double)

    /// Poles with half of the tolerance, as many as fill the lanes, for energies |ε − μ| up to `energy`.
    func expansion(energy: Double, temperature: Double) throws -> PoleExpansion {
        let least = energy / PoleExpansion.maximumBound
        guard temperature >= least else {
            throw ElectronicStructureError.temperatureTooLow(
                temperature, solver: Self.name, least: least, energy: energy)
        }
        // Levels at μ alone, or k_BT far above all of them, need no interval.
        let bound = min(max(energy / temperature, 1e-6), PoleExpansion.maximumBound)
        do {
            return try .meeting(tolerance: tolerance / 2, bound: bound, countMultiple: SelectedInversionWorkspace.lanes)
        } catch PoleExpansionError.toleranceNotReachable(_, let bound, let reached, let poles) {
            throw PoleExpansionError.toleranceNotReachable(tolerance: tolerance, bound: bound, reached: reached, poles: poles)
        }
    }

    /// The state of a solution whose error is small enough.
    private func result(
        _ solution: Solution, _ supercell: Supercell, _ reservoir: Reservoir, chemicalPotential: Double, filling: Double? = nil
    ) throws -> ElectronicState {
        let (found, expansionError) = solution
        let imbalance = filling.map { abs(found.excess(over: $0)) } ?? 0
        let error = expansionError + found.roundingError + imbalance
        guard error <= tolerance else {
            throw ElectronicStructureError.toleranceNotMet(
                tolerance, expansion: expansionError, rounding: found.roundingError, imbalance: imbalance)
        }
        let potential = found.grandPotential + chemicalPotential * (filling ?? 0) * Double(supercell.siteCount)
        let state = ElectronicState(
            density: SiteField(supercell, values: found.density), chemicalPotential: chemicalPotential,
            electrons: found.density.reduce(0, +), bondOrders: found.bondOrders, errorEstimate: error, potential: potential)
        return try validated(state, reservoir, density: tolerance, filling: tolerance)
    }
}
