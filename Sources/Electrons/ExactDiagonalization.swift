import LatticeNumerics
import Lattices
import Models

/// The electrons by diagonalization of the whole Hamiltonian: exact to rounding, of cost N³.
///
/// Safe to use from several threads at once. Workspaces, three dense matrices each, are kept between calls: as many as there
/// were calls at the same time.
public struct ExactDiagonalization: PotentialSolver {
    public static let name = "exact-diagonalization"
    private let workspaces = WorkspaceStore<DiagonalizationWorkspace>()

    /// The largest error of a density: that of the levels, which is a few units in the last place of the largest, times the slope
    /// of the Fermi function at them.
    static let largestError = 1e-6
    private static let levelError = 4 * Double.ulpOfOne

    /// A solver without workspaces; they are made when they are needed.
    public init() {}

    /// - Throws: ``ElectronicStructureError`` for an energy that is not finite, a supercell too large, elements that are not real numbers,
    ///   and 0 < k_BT so low that rounding of a level at μ changes its occupation by more than 10⁻⁶; `LinearAlgebraError` if LAPACK
    ///   fails.
    public func solveWithPotential(
        _ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements
    ) throws -> ElectronicState {
        try h.validate()
        let supercell = h.supercell
        let limit = SymmetricEigensolver.maximumDimension
        guard supercell.siteCount <= limit else {
            throw ElectronicStructureError.tooManySites(supercell.siteCount, limit: limit)
        }
        guard let elements = h.oneOrbital else { throw ElectronicStructureError.elementsNotTaken(solver: Self.name) }
        let temperature = reservoir.temperature
        return try workspaces.withWorkspace(for: supercell) { workspace in
            let levels = try workspace.diagonalize(elements.energies, elements.bonds, reservoir)
            let eigenvalues = levels.energies
            let equilibrium = try FermiDirac.equilibrium(
                eigenvalues: eigenvalues, reservoir: reservoir, scale: levels.scale)
            if temperature > 0 {
                let change = FermiDirac.steepestChange(
                    eigenvalues, equilibrium.occupations, temperature: temperature, scale: levels.scale)
                guard Self.levelError * change <= Self.largestError else {
                    throw ElectronicStructureError.temperatureTooLow(
                        temperature, solver: Self.name,
                        least: Self.levelError * levels.scale / (4 * Self.largestError), energy: levels.scale)
                }
            }
            let state = ElectronicState(
                density: SiteField(supercell, values: workspace.density(occupations: equilibrium.occupations)),
                chemicalPotential: equilibrium.chemicalPotential, electrons: equilibrium.occupations.reduce(0, +),
                bondOrders: wanted.contains(.bonds) ? workspace.bondOrders(occupations: equilibrium.occupations) : nil,
                potential: equilibrium.potential, eigenvalues: eigenvalues)
            return try validated(state, reservoir, density: Self.largestError, filling: Self.largestError)
        }
    }
}
