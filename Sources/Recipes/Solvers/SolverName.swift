import Electrons
import LatticeNumerics
import Models

/// A solver of the electrons, by the name that recipes and `adiabat forces --solver` use.
public struct SolverName: RawRepresentable, Sendable, Hashable, CaseIterable {
    /// All solvers. A further one is a ``SolverOptions`` type in a file of its own, and its name in this list.
    private static let catalogue: [any SolverOptions.Type] = [
        ExactDiagonalizationOptions.self, SelectedInversionOptions.self, LocalDiagonalizationOptions.self,
        ConservativeLocalDiagonalizationOptions.self,
    ]

    /// Every solver, the slowest and most exact first.
    public static let allCases = catalogue.map { SolverName($0) }
    /// `ExactDiagonalization`: every eigenstate of the N × N one-electron Hamiltonian, in time N³.
    public static let exactDiagonalization = SolverName(ExactDiagonalizationOptions.self)
    /// `SelectedInversion`: numerically exact occupations from sparse inverses, in time N^1.5.
    public static let selectedInversion = SolverName(SelectedInversionOptions.self)
    /// `LocalDiagonalization`: approximate occupations from the surroundings of each site, in time N.
    public static let localDiagonalization = SolverName(LocalDiagonalizationOptions.self)

    /// The solver of exact forces where a recipe is silent: selected inversion, which is the fastest, but for k_BT = 0.
    package static func usual(for temperatures: [Double]) -> SolverName {
        temperatures.contains(0) ? .exactDiagonalization : .selectedInversion
    }

    /// Such as `exact-diagonalization`.
    public let rawValue: String

    /// The solver of this name; nil if there is none.
    public init?(rawValue: String) {
        guard Self.catalogue.contains(where: { $0.name == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ options: any SolverOptions.Type) { rawValue = options.name }

    /// How the solver's options are read and what is known of it.
    package var options: any SolverOptions.Type { Self.catalogue.first { $0.name == rawValue }! }

    /// The table of its options in a recipe, such as `selected_inversion`; nil if it has none.
    var table: String? { options.hasKeys ? rawValue.replacing("-", with: "_") : nil }

    /// The name as words of a sentence: `exact diagonalization`.
    package var words: String { Self.words(of: rawValue) }

    /// The same for a name as files record it.
    package static func words(of name: String) -> String { name.replacing("-", with: " ") }

    /// Whether one solution is shared out to the threads of its pool.
    package var usesThreads: Bool { options.usesThreads }

    /// The most sites it takes; nil if memory alone limits them.
    public var maximumSites: Int? { options.maximumSites }

    /// The solver of this name for a model.
    ///
    /// - Parameters:
    ///   - settings: the options of every solver, with none left open (``Recipe/resolvingAccuracy(pool:)``).
    ///   - pool: the threads of one solution.
    public func solver(
        _ model: AdiabaticModel, settings: SolverSettings = SolverSettings(), pool: WorkerPool = WorkerPool(threads: 1)
    ) -> any SolvedElectrons { settings[self].solver(model, pool: pool) }
}

/// The solvers as auditors.
extension SolverName {
    /// The auditor of choice: exact, and the fastest of those.
    public static let auditor = SolverName.selectedInversion

    /// The most sites that are solved at once without being asked to: more would take minutes.
    package var affordableSites: Int { self == .exactDiagonalization ? 2_500 : 65_536 }
}
