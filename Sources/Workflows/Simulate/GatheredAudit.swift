import Dynamics
import Lattices

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
