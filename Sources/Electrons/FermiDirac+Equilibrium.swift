import Models

extension FermiDirac {
    /// Levels in equilibrium with a reservoir.
    public struct Equilibrium: Sendable, Equatable {
        /// μ, given or found.
        public let chemicalPotential: Double
        /// f_m, in the order of the levels.
        public let occupations: [Double]
        /// The electronic potential as ``ElectronicState/potential``.
        public let potential: Double
    }

    /// Fills the levels from a reservoir.
    ///
    /// Where degenerate levels lie at μ and k_BT = 0, all of them are filled alike: half at fixed μ, and at fixed filling the
    /// fraction that makes the number of electrons right. The density then has every symmetry of the Hamiltonian.
    ///
    /// - Parameters:
    ///   - eigenvalues: ε_m in ascending order, one a site.
    ///   - reservoir: k_BT ≥ 0, and fixed μ or fixed filling.
    ///   - scale: the magnitude that rounding of levels at μ goes by; nil for that of the largest.
    /// - Throws: ``ElectronicStructureError/impossibleFilling(electrons:levels:)``.
    public static func equilibrium(
        eigenvalues: [Double], reservoir: Reservoir, scale: Double? = nil
    ) throws -> Equilibrium {
        let temperature = reservoir.temperature
        let chemicalPotential: Double
        let electrons: Double?
        switch reservoir.particles {
        case .chemicalPotential(let value):
            (chemicalPotential, electrons) = (value, nil)
        case .filling(let filling):
            let count = filling * Double(eigenvalues.count)
            chemicalPotential = try self.chemicalPotential(eigenvalues: eigenvalues, electrons: count, temperature: temperature)
            electrons = count
        }
        var occupations = eigenvalues.map {
            occupation(energy: $0, chemicalPotential: chemicalPotential, temperature: temperature)
        }
        if temperature == 0 {
            let tolerance = levelTolerance(of: scale.map { [$0] } ?? eigenvalues)
            let shell = eigenvalues.indices.filter { abs(eigenvalues[$0] - chemicalPotential) <= tolerance }
            if let first = shell.first {
                let fraction = electrons.map { ($0 - Double(first)) / Double(shell.count) } ?? 0.5
                for level in shell { occupations[level] = fraction }
            }
        }
        let grandPotential = eigenvalues.reduce(0) {
            $0 + potential(energy: $1, chemicalPotential: chemicalPotential, temperature: temperature)
        }
        return Equilibrium(
            chemicalPotential: chemicalPotential, occupations: occupations,
            potential: grandPotential + chemicalPotential * (electrons ?? 0))
    }
}
