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

    /// The largest change of an occupation by that of a level: the steepest slope of f between neighbouring levels, and at one.
    ///
    /// A Hamiltonian that is off by δ has densities that are off by about δ times this.
    ///
    /// - Parameters:
    ///   - energies: ε_m in ascending order.
    ///   - occupations: f_m.
    ///   - temperature: k_BT > 0.
    static func steepestSlope(_ energies: [Double], _ occupations: [Double], temperature: Double) -> Double {
        var steepest = occupations.reduce(0) { max($0, $1 * (1 - $1) / temperature) }
        for level in energies.indices.dropFirst() where occupations[level] < occupations[level - 1] {
            steepest = max(
                steepest, (occupations[level - 1] - occupations[level]) / (energies[level] - energies[level - 1]))
        }
        return steepest
    }
}
