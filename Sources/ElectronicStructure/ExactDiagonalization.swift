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

    /// The largest error of a density: that of the levels, which is a few units in the last place of the largest, times the slope
    /// of the Fermi function at them.
    static let largestError = 1e-6
    private static let levelError = 4 * Double.ulpOfOne

    /// A solver without workspaces; they are made when they are needed.
    public init(_ model: HolsteinModel) {
        self.model = model
    }

    /// - Throws: ``ElectronicStructureError`` for a displacement that is not finite, a supercell too large, and 0 < k_BT so low that
    ///   rounding of a level at μ changes its occupation by more than 10⁻⁶; `LinearAlgebraError` if LAPACK fails.
    public func solveWithPotential(_ displacement: SiteField) throws -> (state: ElectronicState, potential: Double) {
        try validate(displacement)
        let supercell = displacement.supercell
        let limit = SymmetricEigensolver.maximumDimension
        guard supercell.siteCount <= limit else {
            throw ElectronicStructureError.tooManySites(supercell.siteCount, limit: limit)
        }
        return try workspaces.withWorkspace(for: supercell) { workspace in
            let levels = try workspace.diagonalize(displacement, model: model)
            let eigenvalues = levels.energies
            let equilibrium = try FermiDirac.equilibrium(
                eigenvalues: eigenvalues, reservoir: model.reservoir, temperature: model.temperature, scale: levels.scale)
            if model.temperature > 0 {
                let change = FermiDirac.steepestChange(
                    eigenvalues, equilibrium.occupations, temperature: model.temperature, scale: levels.scale)
                guard Self.levelError * change <= Self.largestError else {
                    throw ElectronicStructureError.temperatureTooLow(
                        model.temperature, solver: Self.name,
                        least: Self.levelError * levels.scale / (4 * Self.largestError), energy: levels.scale)
                }
            }
            let state = ElectronicState(
                density: SiteField(supercell, values: workspace.density(occupations: equilibrium.occupations)),
                chemicalPotential: equilibrium.chemicalPotential, electrons: equilibrium.occupations.reduce(0, +),
                bondOrders: workspace.bondOrders(occupations: equilibrium.occupations),
                potential: equilibrium.potential, eigenvalues: eigenvalues)
            return (
                try validated(state, density: Self.largestError, filling: Self.largestError), equilibrium.potential
            )
        }
    }
}
