import Lattices
import Models

/// The choice of the poles of a local solver, and the range of energies that it takes.
struct PoleChoice: Sendable {
    /// The solver's name, for errors.
    let solver: String
    /// Their number; nil for the fewest that meet the tolerance.
    let count: Int?
    /// The largest error of a density from the pole expansion, unless their number is given.
    let tolerance: Double

    /// Poles with a larger error of a density are refused, and so are energies whose rounding alone may change a density by more.
    private static let largestError = 1e-2
    /// The largest |ε − μ| in units of the hopping; larger ones cannot be told from the energies that stand for missing sites.
    private static let largestEnergy = 1e14

    /// The poles for energies |ε − μ| up to `energy`; nil if k_BT is so far above the hopping that sites are isolated.
    ///
    /// Rounding changes an energy by its unit roundoff u, and the slope of the Fermi function is at most 1/(4 k_BT).
    ///
    /// - Throws: ``ElectronicStructureError/temperatureTooLow(_:solver:least:energy:)`` if u·energy/(4 k_BT) is above 10⁻²,
    ///   ``ElectronicStructureError/energiesOutOfRange(solver:largest:limit:)``, and ``PoleExpansionError``.
    func expansion(
        energy: Double, _ h: UniformTightBinding, temperature: Double, isSinglePrecision: Bool
    ) throws -> PoleExpansion? {
        if h.isAtomic(at: temperature) { return nil }
        let solver = solver + (isSinglePrecision ? " in single precision" : "")
        let roundoff = isSinglePrecision ? 0x1p-24 : 0x1p-53
        let largestBound = min(4 * Self.largestError / roundoff, PoleExpansion.maximumBound)
        let least = energy / largestBound
        guard temperature >= least else {
            throw ElectronicStructureError.temperatureTooLow(
                temperature, solver: solver, least: least, energy: energy, isSinglePrecision: isSinglePrecision)
        }
        let limit = Self.largestEnergy * abs(h.hopping)
        guard energy <= limit else {
            throw ElectronicStructureError.energiesOutOfRange(solver: solver, largest: energy, limit: limit)
        }
        let bound = min(max(energy / temperature, 1), PoleExpansion.maximumBound)
        guard let count else { return try PoleExpansion.meeting(tolerance: tolerance, bound: bound) }
        return try PoleExpansion.with(count: count, bound: bound, tolerance: Self.largestError)
    }
}
