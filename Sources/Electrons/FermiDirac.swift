import Foundation

/// Fermi–Dirac statistics of independent levels, without overflow and down to k_BT = 0.
///
/// Energies, chemical potentials and k_BT share one unit.
public enum FermiDirac {
    /// f(ε) = 1/(e^{(ε−μ)/k_BT} + 1); at k_BT = 0 the step function with ½ at ε = μ.
    public static func occupation(energy: Double, chemicalPotential: Double, temperature: Double) -> Double {
        let distance = energy - chemicalPotential
        if temperature == 0 { return distance < 0 ? 1 : distance > 0 ? 0 : 0.5 }
        let exponential = exp(-abs(distance) / temperature)
        return (distance > 0 ? exponential : 1) / (1 + exponential)
    }

    /// −k_BT ln(1 + e^{−(ε−μ)/k_BT}), one level's share of the grand potential; at k_BT = 0 its limit min(ε − μ, 0).
    public static func potential(energy: Double, chemicalPotential: Double, temperature: Double) -> Double {
        let distance = energy - chemicalPotential
        if temperature == 0 { return min(distance, 0) }
        return min(distance, 0) - temperature * log1p(exp(-abs(distance) / temperature))
    }

    /// How far two levels may lie apart and still count as degenerate, or a level from μ and still count as at μ, where the
    /// theory has a jump: 10⁻¹⁰ of the largest magnitude, far above what diagonalization leaves of a degeneracy.
    public static func levelTolerance(of eigenvalues: [Double]) -> Double {
        1e-10 * max(abs(eigenvalues.first ?? 0), abs(eigenvalues.last ?? 0))
    }

    /// The largest change of an occupation per relative change of the levels: the steepest slope of f, between neighbouring
    /// levels and at a level, times the larger |ε_m|.
    ///
    /// A Hamiltonian with the relative error δ has densities with an error of about δ times this.
    ///
    /// - Parameters:
    ///   - energies: ε_m in ascending order.
    ///   - occupations: f_m.
    ///   - temperature: k_BT > 0.
    ///   - scale: a smaller |ε_m| counts as this.
    static func steepestChange(
        _ energies: [Double], _ occupations: [Double], temperature: Double, scale: Double
    ) -> Double {
        var steepest = 0.0
        for (level, energy) in energies.enumerated() {
            let occupation = occupations[level]
            steepest = max(steepest, occupation * (1 - occupation) / temperature * max(abs(energy), scale))
            guard level > 0, occupation < occupations[level - 1] else { continue }
            let slope = (occupations[level - 1] - occupation) / (energy - energies[level - 1])
            steepest = max(steepest, slope * max(abs(energy), abs(energies[level - 1]), scale))
        }
        return steepest
    }
}
