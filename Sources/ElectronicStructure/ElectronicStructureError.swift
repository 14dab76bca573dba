/// Why the electrons of a configuration could not be solved.
public enum ElectronicStructureError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The displacement of a site is NaN or infinite, or so large that g·Q is infinite.
    case nonFiniteDisplacement(site: Int, cell: [Int], value: Double)
    /// No finite chemical potential gives this number of electrons on this many levels.
    case impossibleFilling(electrons: Double, levels: Int)
    /// The supercell is too large for a dense matrix.
    case tooManySites(Int, limit: Int)

    public var description: String {
        switch self {
        case .nonFiniteDisplacement(let site, let cell, let value):
            "displacement of site \(site) (cell \(cell)): \(value); a number with finite g·Q is needed"
        case .impossibleFilling(let electrons, let levels):
            "\(electrons) electrons on \(levels) levels; more than 0 and less than \(levels) are needed"
        case .tooManySites(let sites, let limit):
            "\(sites) sites; exact diagonalization takes at most \(limit)"
        }
    }
}
