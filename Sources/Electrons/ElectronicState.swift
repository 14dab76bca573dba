import Lattices
import Models

/// The electrons in equilibrium at one configuration.
public struct ElectronicState: Sendable, Equatable {
    /// The sites, and the bonds of the density matrix.
    public let supercell: Supercell
    /// ρ_ij of one spin, on sites and, where they were wanted, on bonds.
    public let densityMatrix: DensityMatrix
    /// μ, given or found.
    public let chemicalPotential: Double
    /// Σ_i n_i.
    public let electrons: Double
    /// How far a density may be from the exact one, as the solver estimates it; nil if it does not.
    public let errorEstimate: Double?
    /// The potential of electrons of one spin alone, in units of the hopping; nil if the solver does not compute it.
    ///
    /// At fixed μ it is the grand potential Ω_e = −k_BT Σ_m ln(1 + e^{−(ε_m−μ)/k_BT}), at fixed filling the free energy
    /// Ω_e + μ·filling·N. The background and the classical part are not in it; ``AdiabaticSolution`` has them all.
    public let potential: Double?
    /// ε_m in ascending order; nil if the solver does not compute them.
    public let eigenvalues: [Double]?

    /// What a solver has found.
    public init(
        _ supercell: Supercell, _ densityMatrix: DensityMatrix, chemicalPotential: Double, electrons: Double,
        errorEstimate: Double? = nil, potential: Double? = nil, eigenvalues: [Double]? = nil
    ) {
        self.supercell = supercell
        self.densityMatrix = densityMatrix
        self.chemicalPotential = chemicalPotential
        self.electrons = electrons
        self.errorEstimate = errorEstimate
        self.potential = potential
        self.eigenvalues = eigenvalues
    }

    /// What a solver of one real orbital a site has found.
    public init(
        density: SiteField, chemicalPotential: Double, electrons: Double, bondOrders: [Double]? = nil,
        errorEstimate: Double? = nil, potential: Double? = nil, eigenvalues: [Double]? = nil
    ) {
        let matrix = DensityMatrix(
            sites: ElementBlocks(orbitals: 1, real: density.values),
            bonds: bondOrders.map { ElementBlocks(orbitals: 1, real: $0) })
        self.init(
            density.supercell, matrix, chemicalPotential: chemicalPotential, electrons: electrons, errorEstimate: errorEstimate,
            potential: potential, eigenvalues: eigenvalues)
    }

    /// n_i = Tr ρ_ii of one spin, a scalar field.
    public var density: SiteField { SiteField(supercell, values: densityMatrix.sites.traces) }

    /// Re Tr ρ_ij of every bond, in the order of `supercell.bondPairs()`; nil if the solver was not asked for them or does not find them.
    public var bondOrders: [Double]? { densityMatrix.bonds?.traces }

    /// The lowest level at or above μ minus the highest at or below it; nil without eigenvalues or with μ outside the band.
    ///
    /// It is 0 if a level lies at μ to within rounding (``FermiDirac/levelTolerance(of:)``).
    public var gap: Double? {
        guard let eigenvalues else { return nil }
        let tolerance = FermiDirac.levelTolerance(of: eigenvalues)
        guard let above = eigenvalues.first(where: { $0 >= chemicalPotential - tolerance }),
            let below = eigenvalues.last(where: { $0 <= chemicalPotential + tolerance })
        else { return nil }
        return max(0, above - below)
    }
}
