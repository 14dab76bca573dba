import Foundation

/// Why the electrons of a configuration could not be solved.
public enum ElectronicStructureError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The configuration of a site is NaN or infinite, or so large that an energy is infinite.
    case nonFiniteEnergy(site: Int, cell: [Int], value: Double)
    /// The solver takes one real orbital a site, or uniform bonds alone.
    case elementsNotTaken(solver: String)
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
    /// k_BT is so low beside the energies |ε − μ| that their rounding decides which levels are occupied.
    case temperatureTooLow(Double, solver: String, least: Double, energy: Double, isSinglePrecision: Bool = false)
    /// Energies whose differences, or ratio to the hopping, are out of the range of the arithmetic.
    case energiesOutOfRange(solver: String, largest: Double, limit: Double)
    /// No chemical potential makes the densities add up to the filling.
    case fillingNotMet(Double, solver: String, found: Double, tolerance: Double)
    /// A density that is not a number, or farther outside 0…1 than the solver's error explains.
    case impossibleDensity(solver: String, site: Int, cell: [Int], value: Double, tolerance: Double)

    public var description: String {
        switch self {
        case .nonFiniteEnergy(let site, let cell, let value):
            "configuration of site \(site) (cell \(cell)): \(value); a number with a finite energy is needed"
        case .elementsNotTaken(let solver):
            "model.hopping: \(solver) takes one orbital a site and one hopping along all bonds; selected-inversion takes shells "
                + "of bonds, and exact-diagonalization an element for every bond"
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
        case .temperatureTooLow(let temperature, let solver, let least, let energy, let isSinglePrecision):
            "temperature: \(temperature); \(solver) needs k_BT of at least \(Self.text(least)) for energies |ε − μ| up to "
                + "\(Self.text(energy)), because below that rounding decides which levels are occupied; "
                + (isSinglePrecision ? "double precision takes less, and " : "") + "exact-diagonalization takes 0"
        case .energiesOutOfRange(let solver, let largest, let limit):
            "energies |ε − μ| up to \(Self.text(largest)), from coupling, chemical_potential and hopping, are out of the range of "
                + "\(solver) with this hopping; at most \(Self.text(limit)) is allowed"
        case .fillingNotMet(let filling, let solver, let found, let tolerance):
            "filling: \(filling) cannot be met by \(solver): the nearest filling is \(found), and a difference of at most "
                + "\(tolerance) is allowed; a higher temperature, double precision or another solver may help"
        case .impossibleDensity(let solver, let site, let cell, let value, let tolerance):
            "density of site \(site) (cell \(cell)): \(value) by \(solver), and 0 to 1 is possible, within \(Self.text(tolerance)): "
                + "these electrons are out of the range of the solver; larger patches or windows, more levels, or "
                + "selected-inversion may help"
        }
    }

    private static func text(_ value: Double) -> String { String(format: "%.3g", value) }
}
