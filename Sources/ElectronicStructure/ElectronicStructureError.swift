/// Why the electrons of a configuration could not be solved.
public enum ElectronicStructureError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The displacement of a site is NaN or infinite, or so large that g·Q is infinite.
    case nonFiniteDisplacement(site: Int, cell: [Int], value: Double)
    /// No finite chemical potential gives this number of electrons on this many levels.
    case impossibleFilling(electrons: Double, levels: Int)
    /// The supercell is too large for a dense matrix.
    case tooManySites(Int, limit: Int)
    /// The solver has no limit of zero temperature.
    case zeroTemperature(solver: String)
    /// No accuracy of this tolerance: what the poles, rounding, and electrons too many or too few at fixed filling
    /// contribute to the error of a density.
    case toleranceNotMet(Double, expansion: Double, rounding: Double, imbalance: Double)
    /// A pivot vanishes or is not finite where this site is eliminated.
    case singularFront(site: Int, cell: [Int])

    public var description: String {
        switch self {
        case .nonFiniteDisplacement(let site, let cell, let value):
            "displacement of site \(site) (cell \(cell)): \(value); a number with finite g·Q is needed"
        case .impossibleFilling(let electrons, let levels):
            "\(electrons) electrons on \(levels) levels; more than 0 and less than \(levels) are needed"
        case .tooManySites(let sites, let limit):
            "\(sites) sites; exact diagonalization takes at most \(limit)"
        case .zeroTemperature(let solver):
            "temperature: 0; \(solver) needs k_BT > 0, exact-diagonalization takes 0"
        case .toleranceNotMet(let tolerance, let expansion, let rounding, let imbalance):
            "tolerance: \(tolerance) of a density is out of reach; \(expansion) is from the poles, \(rounding) from rounding"
                + (imbalance > 0 ? ", \(imbalance) from electrons that no chemical potential places" : "")
        case .singularFront(let site, let cell):
            "site \(site) (cell \(cell)): its pivot vanishes or is not finite; the energies are out of the range of the arithmetic"
        }
    }
}
