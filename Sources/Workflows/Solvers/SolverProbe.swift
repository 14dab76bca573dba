import Dynamics
import ElectronicStructure
import Foundation
import LatticeNumerics
import Lattices

/// Configurations like those of a recipe's run, with exact densities: what an approximate solver is tried on.
///
/// They are a hot start on a small piece of the lattice and moments of its quench, which a local solver drives. All follows
/// from the recipe, its seed included, whatever the number of threads.
final class SolverProbe: Sendable {
    private static let largestSiteCount = 1024
    /// The length of the quench, in units of τ, and the most steps it may take: the error of a local solver grows for a while.
    private static let duration = 40.0
    private static let mostSteps = 1000
    /// Fractions of the quench at which it is looked at.
    private static let moments = [0.0, 0.1, 0.25, 0.5, 1.0]
    static let driver = LocalDiagonalization.Options(radius: 1, levels: 2)

    let model: AdiabaticModel
    let configurations: [SiteField]
    let pool: WorkerPool
    private let densities: [SiteField]

    /// - Throws: what the solvers throw.
    init(_ recipe: Recipe, pool: WorkerPool) throws {
        model = recipe.model
        self.pool = pool
        func quench(_ driver: LocalDiagonalization.Options) throws -> [SiteField] {
            try Self.quench(
                recipe, electrons: recipe.model, size: recipe.size(ofAtMost: Self.largestSiteCount),
                timeStep: recipe.dynamics.timeStep, driver: driver, pool: pool)
        }
        do { configurations = try quench(Self.driver) } catch ElectronicStructureError.temperatureTooLow {
            var driver = Self.driver
            driver.precision = .double
            configurations = try quench(driver)
        }
        let exact = ElectronicForceField(recipe.model, SelectedInversion(pool: pool))
        densities = try configurations.map { try exact.solve($0).density }
    }

    /// The exact density of one of the configurations.
    func density(of displacement: SiteField) -> SiteField {
        guard let index = configurations.firstIndex(of: displacement) else { preconditionFailure("a configuration of the probe") }
        return densities[index]
    }

    /// Sites of all configurations.
    var siteCount: Int { configurations.reduce(0) { $0 + $1.supercell.siteCount } }

    /// A hot start and moments of its quench, ``moments`` of them.
    ///
    /// - Throws: what the driver throws.
    static func quench(
        _ recipe: Recipe, electrons: AdiabaticModel, size: [Int], timeStep: Double,
        driver: LocalDiagonalization.Options = SolverProbe.driver, pool: WorkerPool
    ) throws -> [SiteField] {
        let settings = recipe.dynamics
        let supercell = recipe.supercell(size)
        let solver = ElectronicForceField(electrons, LocalDiagonalization(options: driver, pool: pool))
        let forceField = AdiabaticForceField(solver, on: supercell).total
        let seed = recipe.seed(of: .probe)
        let integrator = try settings.integrator.make(
            timeStep: timeStep, mass: settings.mass, damping: settings.damping, temperature: recipe.model.temperature,
            seed: seed)
        let steps = Int(min(max(duration / timeStep, 10), Double(mostSteps)))
        let due = Set(moments.map { Int($0 * Double(steps)) })
        var state = try HotStart(
            displacementVariance: settings.initialDisplacementVariance, velocityVariance: settings.initialVelocityVariance,
            seed: seed
        ).state(on: supercell, kind: electrons.variable.kind, forceField: forceField)
        var configurations = [state.displacement]
        let observer = try Simulation.Observer(every: 1) { state in
            if due.contains(state.step) { configurations.append(state.displacement) }
        }
        _ = try Simulation(integrator: integrator, forceField: forceField).run(&state, to: steps, observers: [observer]) { false }
        return configurations
    }
}

extension Recipe {
    /// A piece of the lattice like those that the recipe solves, of no more sites than these.
    func size(ofAtMost largest: Int) -> [Int] { piece(of: zip(lattice.size, simulate.size).map(max), ofAtMost: largest) }

    /// A piece of a lattice of this size, of no more sites than these or two cells a side.
    func piece(of size: [Int], ofAtMost largest: Int) -> [Int] {
        let cells = Double(largest / lattice.geometry.basis.count)
        // Even, so that it does not frustrate what larger lattices do not.
        let side = max(2, Int(pow(cells, 1 / Double(size.count)) + 1e-9) / 2 * 2)
        return size.map { min($0, side) }
    }
}
