import Electrons
import LatticeNumerics
import Models

/// A solver as recipes, the command line and cost estimates know it: its name, the keys of its table, how it is made of them,
/// and what it costs.
///
/// A conforming type in a file of its own and a line in ``SolverName`` add a solver to the program.
package protocol SolverOptions: RecipeTable, Sendable {
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
    package static var needsTemperature: Bool { true }
    static var usesThreads: Bool { true }
    static func costExponent(dimension: Int) -> Double { 1 }
    static var hasKeys: Bool { !keys.isEmpty }

    var choice: AccuracyChoice? { nil }
    var isOpen: Bool { false }

    func resolved(by probe: SolverProbe) throws -> Self { self }
}

/// How threads are shared out between independent pieces of work and the solutions in each.
///
/// With at least as many pieces as threads each piece keeps to one thread; with fewer, one piece follows the other and its
/// solutions use all threads, if the solver can.
package struct ThreadShare {
    /// For the pieces.
    package let pieces: WorkerPool
    /// For the solutions in a piece.
    package let solution: WorkerPool

    package init(pieces count: Int, solver: SolverName, pool: WorkerPool) {
        let isInside = solver.usesThreads && count < pool.threads
        let single = WorkerPool(threads: 1)
        (pieces, solution) = isInside ? (single, pool) : (pool, single)
    }
}
