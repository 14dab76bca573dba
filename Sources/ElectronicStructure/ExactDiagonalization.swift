import LatticeNumerics
import Lattices

/// The electrons by diagonalization of the whole Hamiltonian: exact to rounding, of cost N³.
///
/// Safe to use from several threads at once. Workspaces, three dense matrices each, are kept between calls: as many as there
/// were calls at the same time.
public struct ExactDiagonalization: PotentialSolver {
    public static let name = "exact-diagonalization"
    public let model: HolsteinModel
    private let workspaces = WorkspaceStore<DiagonalizationWorkspace>()

    /// A solver without workspaces; they are made when they are needed.
    public init(_ model: HolsteinModel) {
        self.model = model
    }

    /// - Throws: ``ElectronicStructureError`` for a displacement that is not finite or a supercell too large, and
    ///   `LinearAlgebraError` if LAPACK fails.
    public func solveWithPotential(_ displacement: SiteField) throws -> (state: ElectronicState, potential: Double) {
        try validate(displacement)
        let supercell = displacement.supercell
        let limit = SymmetricEigensolver.maximumDimension
        guard supercell.siteCount <= limit else {
            throw ElectronicStructureError.tooManySites(supercell.siteCount, limit: limit)
        }
        return try workspaces.withWorkspace(for: supercell) { workspace in
            let eigenvalues = try workspace.diagonalize(displacement, model: model)
            let equilibrium = try FermiDirac.equilibrium(
                eigenvalues: eigenvalues, reservoir: model.reservoir, temperature: model.temperature)
            let state = ElectronicState(
                density: SiteField(supercell, values: workspace.density(occupations: equilibrium.occupations)),
                chemicalPotential: equilibrium.chemicalPotential, electrons: equilibrium.occupations.reduce(0, +),
                bondOrders: workspace.bondOrders(occupations: equilibrium.occupations),
                potential: equilibrium.potential, eigenvalues: eigenvalues)
            return (state, equilibrium.potential)
        }
    }
}
