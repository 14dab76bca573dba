import ElectronicStructure

/// The solvers of the electrons, by the names that recipes and `adiabat forces --solver` use.
public enum SolverName: String, Sendable, CaseIterable {
    /// `ExactDiagonalization`: every eigenstate of the N × N one-electron Hamiltonian, in time N³.
    case exactDiagonalization = "exact-diagonalization"

    /// The solver of this name for a model.
    public func solver(_ model: HolsteinModel) -> any ElectronicSolver {
        switch self {
        case .exactDiagonalization: ExactDiagonalization(model)
        }
    }
}
