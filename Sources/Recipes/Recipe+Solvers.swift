import Dynamics
import Electrons
import Foundation
import LatticeNumerics
import Lattices
import Models

extension Recipe {
    /// The solvers that a table of the recipe names: their options belong to it.
    package func solvers(of section: Section) -> [SolverName] {
        switch section {
        case .generate: return [generate.solver]
        case .simulate:
            guard case .solver(let name) = simulate.forceField else { return [] }
            return [name]
        case .learn:
            guard let learn else { return [] }
            if case .solver(let name) = learn.disagreement { return [learn.solver, name] }
            return [learn.solver]
        case .compare: return compare.twinTrajectories > 0 ? [compare.solver] : []
        default: return []
        }
    }

    /// The solvers that some of the tables name, in the order of ``SolverName/allCases``.
    package func solvers(of sections: Set<Section>) -> [SolverName] {
        let named = Set(sections.flatMap { solvers(of: $0) })
        return SolverName.allCases.filter(named.contains)
    }

    /// Every solver that a run of the recipe needs: those that determine its results, and the auditor.
    var usedSolvers: [SolverName] {
        let named = solvers(of: Set(Section.allCases)) + (simulate.auditInterval > 0 ? [simulate.auditSolver] : [])
        return SolverName.allCases.filter(named.contains)
    }

    /// One of the recipe's solvers, with the options of its table.
    ///
    /// - Parameter electrons: whose it is; those of `[model]` if nil.
    package func solver(_ name: SolverName, for electrons: AdiabaticModel? = nil, pool: WorkerPool) -> any SolvedElectrons {
        name.solver(electrons ?? model, settings: solvers, pool: pool)
    }

    /// The recipe with every option of the solvers it uses made explicit: those that `accuracy` stands for are found by a probe.
    ///
    /// The probe solves some configurations of a small lattice and takes about a second; what it finds follows from the recipe
    /// alone. Without an open `accuracy` the recipe itself is returned.
    ///
    /// - Throws: what the solvers throw, also if no options reach the accuracy.
    public func resolvingAccuracy(pool: WorkerPool) throws -> Recipe { try resolvingAccuracy(of: usedSolvers, pool: pool) }

    /// The same for the given solvers alone.
    package func resolvingAccuracy(of names: [SolverName], pool: WorkerPool) throws -> Recipe {
        let open = names.filter { solvers[$0].isOpen }
        guard !open.isEmpty else { return self }
        let probe = try SolverProbe(self, pool: pool)
        var recipe = self
        for name in open { recipe.solvers[name] = try solvers[name].resolved(by: probe) }
        return recipe
    }

    /// What probes have found for the solvers that the recipe uses; empty if all options were given.
    public var accuracyChoices: [AccuracyChoice] { usedSolvers.compactMap { solvers[$0].choice } }
}

/// Configurations like those of a recipe's run, with exact densities: what an approximate solver is tried on.
///
/// They are a hot start on a small piece of the lattice and moments of its quench, which a local solver drives. All follows
/// from the recipe, its seed included, whatever the number of threads.
package final class SolverProbe: Sendable {
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
    package static func quench(
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
    package func size(ofAtMost largest: Int) -> [Int] { piece(of: zip(lattice.size, simulate.size).map(max), ofAtMost: largest) }

    /// A piece of a lattice of this size, of no more sites than these or two cells a side.
    package func piece(of size: [Int], ofAtMost largest: Int) -> [Int] {
        let cells = Double(largest / lattice.geometry.basis.count)
        // Even, so that it does not frustrate what larger lattices do not.
        let side = max(2, Int(pow(cells, 1 / Double(size.count)) + 1e-9) / 2 * 2)
        return size.map { min($0, side) }
    }
}

/// The options that were found for a wanted accuracy, and how accurate they are.
public struct AccuracyChoice: Sendable, Equatable, Codable {
    /// The name of the solver.
    public let solver: String
    /// The root mean square error of the force that was asked for.
    public let accuracy: Double
    /// What was chosen, such as `radius = 1, levels = 2`.
    public let options: String
    /// Additions, multiplications and divisions per site.
    public let operations: Double
    /// √⟨(F − F_exact)²⟩ over the sites of the probe, in units of the hopping per displacement.
    public let rootMeanSquare: Double
    /// |F − F_exact| that 99 % of the sites stay below.
    public let percentile99: Double
    /// Sites that were compared.
    public let sites: Int

    /// One line for people.
    public var text: String {
        let errors =
            "rms \(TerminalNumber.text(rootMeanSquare, digits: 2)), 99 % below \(TerminalNumber.text(percentile99, digits: 2))"
        return "\(solver): \(options) for accuracy = \(TerminalNumber.text(accuracy, digits: 6)) (force error on \(sites) sites: "
            + "\(errors); \(TerminalNumber.text(operations, digits: 2)) operations per site)"
    }
}
