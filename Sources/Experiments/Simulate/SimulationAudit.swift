import Dynamics
import Electrons
import Foundation
import LatticeNumerics
import Lattices
import Recipes
import Runs
import Storage

/// The audit that runs every so many steps of a simulation, and its table `audit.csv`.
///
/// A line is on the disk before the checkpoint of its step, and lines after the step that a run goes on from are made again, so
/// that an interrupted run ends with the same bytes. Not safe to use from several threads at once.
final class SimulationAudit {
    private let context: StageContext
    private let settings: SimulateSettings
    private let timeStep: Double
    private let past: [TrajectoryPast.Piece]
    private let audit: ForceAudit
    private let path: String
    private var lines: [AuditLine] = []

    /// - Parameter past: what earlier recipes have made of the trajectory, whose time steps may be others.
    /// - Throws: ``AuditError``
    init(_ context: StageContext, on supercell: Supercell, past: [TrajectoryPast.Piece]) throws {
        let recipe = context.recipe
        self.context = context
        settings = recipe.simulate
        timeStep = recipe.dynamics.timeStep
        self.past = past
        path = context.directory.auditTable
        audit = try ForceAudit(
            recipe.model, on: supercell, solver: settings.auditSolver, settings: recipe.solvers,
            sites: settings.auditSites, accuracy: settings.auditAccuracy, seed: recipe.seed(of: .audit), pool: context.pool)
    }

    /// Steps between two audits.
    var interval: Int { settings.auditInterval }

    /// Takes up the table at a step, and audits that step if it is due and was not: an interruption or an error came first.
    /// Forces that were found wrong before stop the run again.
    func begin(at displacement: SiteField, force: SiteField, step: Int) throws {
        let recorded = context.directory.exists(path) ? try AuditTable.read(path) : []
        lines = recorded.filter { $0.step <= step }
        let due = stride(from: interval, through: step, by: interval)
        let isDueNow = step > 0 && step % interval == 0
        let missing = due.filter { due in !lines.contains { $0.step == due } && !(isDueNow && due == step) }
        if let first = missing.first { context.progress.warning("\(path) has no line for step \(first)") }
        try AuditTable.write(lines, to: path)
        if isDueNow, lines.last?.step != step { return try observe(displacement, force: force, step: step) }
        if let last = lines.last { try judge(last) }
    }

    /// Audits the electronic part of the force on a configuration.
    ///
    /// - Throws: ``AuditError/thresholdExceeded(step:time:error:threshold:path:)`` if that is what the recipe asks for.
    func observe(_ displacement: SiteField, force: SiteField, step: Int) throws {
        let forces = try audit.audit(force, at: displacement, step: step, interruption: context.interruption)
        let line = AuditLine(forces, step: step, time: past.time(ofStep: step, timeStep: timeStep))
        lines.append(line)
        try AuditTable.write(lines, to: path)
        context.progress.message(
            "audit at step \(line.step): force RMSE \(TerminalNumber.text(line.rootMeanSquare)), "
                + "99 % below \(TerminalNumber.text(line.percentile(99))), largest \(TerminalNumber.text(line.maximum))")
        try judge(line)
    }

    private func judge(_ line: AuditLine) throws {
        // Written so that an error that is not a number does not pass.
        guard settings.auditThreshold > 0, !(line.rootMeanSquare <= settings.auditThreshold) else { return }
        let error = AuditError.thresholdExceeded(
            step: line.step, time: line.time, error: line.rootMeanSquare, threshold: settings.auditThreshold, path: path)
        switch settings.auditAction {
        case .stop: throw error
        case .warn: context.progress.warning("\(error)")
        }
    }
}

/// The audit of a lattice that is spread over processes: the first one collects the configuration and audits it while the others
/// wait.
struct GatheredAudit {
    private let context: StageContext
    private let lattice: SharedLattice
    /// On the first rank.
    private let audit: SimulationAudit?

    /// - Throws: ``AuditError``
    ///
    /// - Parameter past: what earlier recipes have made of the trajectory.
    init(_ context: StageContext, _ lattice: SharedLattice, past: [TrajectoryPast.Piece]) throws {
        self.context = context
        self.lattice = lattice
        audit = context.isFirstRank ? try SimulationAudit(context, on: lattice.whole, past: past) : nil
        if context.isFirstRank, lattice.forceField.isSampled {
            context.progress.message("audits evaluate the average over the offsets of the blocks, of which each step takes one")
        }
    }

    /// Takes up the table at the step of `state`, and audits that step if it is due and was not.
    func begin(at state: PhaseSpaceState) throws {
        try gathering(state) { try $0.begin(at: $1, force: $2, step: state.step) }
    }

    /// Audits the electronic part of the force on this state; of blocks that dynamics samples, the average over their offsets.
    ///
    /// - Throws: ``AuditError/thresholdExceeded(step:time:error:threshold:path:)`` if that is what the recipe asks for.
    func observe(_ state: PhaseSpaceState) throws {
        try gathering(state) { try $0.observe($1, force: $2, step: state.step) }
    }

    private func gathering(
        _ state: PhaseSpaceState, _ body: (SimulationAudit, _ displacement: SiteField, _ force: SiteField) throws -> Void
    ) throws {
        let total = lattice.forceField.isSampled ? try lattice.total.forces(at: state.displacement) : state.force
        let electronic = lattice.forceField.electronicForce(displacement: state.displacement, force: total)
        let displacement = lattice.gathered(state.displacement)
        let force = lattice.gathered(electronic)
        try context.doOnFirstRank { try body(audit!, displacement!, force!) }
    }
}
