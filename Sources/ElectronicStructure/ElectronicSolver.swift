import Lattices

/// A way to find the electrons' equilibrium state of the Holstein model, exact or approximate.
///
/// One instance may be used from several threads at once. Its result depends on the configuration alone.
public protocol ElectronicSolver: Sendable {
    /// The name recipes and the command line choose the solver by, such as `exact-diagonalization`.
    static var name: String { get }
    /// The parameters whose electrons are solved for.
    var model: HolsteinModel { get }

    /// The electrons' state at the configuration Q, a scalar field of displacements.
    ///
    /// - Throws: ``ElectronicStructureError`` for a displacement that is not finite, and whatever keeps this solver from
    ///   a result.
    func solve(_ displacement: SiteField) throws -> ElectronicState
}

/// A solver that also finds the potential, so that its forces are known to be the gradient of something.
public protocol PotentialSolver: ElectronicSolver {
    /// The electrons' state together with the electronic part of the potential, as ``ElectronicState/potential``.
    func solveWithPotential(_ displacement: SiteField) throws -> (state: ElectronicState, potential: Double)
}

extension PotentialSolver {
    public func solve(_ displacement: SiteField) throws -> ElectronicState {
        try solveWithPotential(displacement).state
    }
}

extension ElectronicSolver {
    /// Checks what every solver needs of a configuration.
    ///
    /// - Throws: ``ElectronicStructureError/nonFiniteDisplacement(site:cell:value:)``.
    package func validate(_ displacement: SiteField) throws {
        precondition(displacement.components == .scalar, "a scalar displacement")
        // g = 0 does not hide a displacement that is not finite: 0·∞ and 0·NaN are NaN.
        if let site = displacement.values.firstIndex(where: { !(model.coupling * $0).isFinite }) {
            throw ElectronicStructureError.nonFiniteDisplacement(
                site: site, cell: displacement.supercell.cell(of: site), value: displacement[site])
        }
    }
}
