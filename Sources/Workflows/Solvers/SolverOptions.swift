import ElectronicStructure
import LatticeNumerics

/// A solver as recipes, the command line and cost estimates know it: its name, the keys of its table, how it is made of them,
/// and what it costs.
///
/// A conforming type in a file of its own and a line in ``SolverName`` add a solver to the program.
protocol SolverOptions: RecipeTable, Sendable {
    /// As `ElectronicSolver.name`; the table of its options has the name with underscores.
    static var name: String { get }
    /// The most sites it takes; nil if memory alone limits them.
    static var maximumSites: Int? { get }
    /// Whether it takes k_BT > 0 alone.
    static var needsTemperature: Bool { get }
    /// Whether one solution is shared out to the threads of its pool.
    static var usesThreads: Bool { get }
    /// How the time of a solution grows with the number of sites N of a lattice of this dimension: N to this power.
    static func costExponent(dimension: Int) -> Double

    /// Every option at its default.
    init()
    /// The solver with these options, none of which is left open.
    func solver(_ model: AdiabaticModel, pool: WorkerPool) -> any SolvedElectrons
    /// The memory that solutions of `sites` sites keep.
    func bytes(sites: Int) -> Double
    /// How the options were found; nil if they were given.
    var choice: AccuracyChoice? { get }
    /// Whether options are left open until a probe has found them.
    var isOpen: Bool { get }
    /// The options with none left open, as found by solutions of the probe's configurations.
    func resolved(by probe: SolverProbe) throws -> Self
}

extension SolverOptions {
    static var maximumSites: Int? { nil }
    static var needsTemperature: Bool { true }
    static var usesThreads: Bool { true }
    static func costExponent(dimension: Int) -> Double { 1 }
    static var hasKeys: Bool { !keys.isEmpty }

    var choice: AccuracyChoice? { nil }
    var isOpen: Bool { false }

    func resolved(by probe: SolverProbe) throws -> Self { self }
}
