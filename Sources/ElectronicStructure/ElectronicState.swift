import Lattices

/// The electrons in equilibrium at one configuration.
public struct ElectronicState: Sendable, Equatable {
    /// n_i = ⟨c†_i c_i⟩, a scalar field.
    public let density: SiteField
    /// μ, given or found.
    public let chemicalPotential: Double
    /// Σ_i n_i.
    public let electrons: Double
    /// ⟨c†_i c_j⟩ of every bond, in the order of `supercell.bondPairs()`; nil if the solver does not compute them.
    public let bondOrders: [Double]?
    /// How far a density may be from the exact one, as the solver estimates it; nil if it does not.
    public let errorEstimate: Double?
    /// The electronic part of the potential alone, in units of the hopping; nil if the solver does not compute it.
    ///
    /// At fixed μ it is the grand potential Ω_e = −k_BT Σ_m ln(1 + e^{−(ε_m−μ)/k_BT}), at fixed filling the free energy
    /// Ω_e + μ·filling·N. The term (g/2) Σ Q_i and the elastic energy are not in it; ``AdiabaticSolution`` has them all.
    public let potential: Double?
    /// ε_m in ascending order; nil if the solver does not compute them.
    public let eigenvalues: [Double]?

    /// What a solver has found.
    public init(
        density: SiteField, chemicalPotential: Double, electrons: Double, bondOrders: [Double]? = nil,
        errorEstimate: Double? = nil,
        potential: Double? = nil, eigenvalues: [Double]? = nil
    ) {
        self.density = density
        self.chemicalPotential = chemicalPotential
        self.electrons = electrons
        self.bondOrders = bondOrders
        self.errorEstimate = errorEstimate
        self.potential = potential
        self.eigenvalues = eigenvalues
    }

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
