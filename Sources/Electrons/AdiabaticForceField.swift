import ForceFields
import LatticeNumerics
import Lattices
import Models

/// The total adiabatic force field of a recipe: an electronic part, exact or learned, plus the elastic part.
package struct AdiabaticForceField: Sendable {
    /// Electronic and elastic forces together.
    package let total: any ForceField
    /// The densities n_i where the total force does not tell them because g is 0 or so small that they are lost in rounding of
    /// the elastic force; nil where it tells them, and for networks, which know nothing else.
    package let densities: (any ForceField)?
    private let model: AdiabaticModel
    private let classical: any ClassicalForceField

    /// Electrons that a solver finds.
    package init(_ electrons: any SolvedElectrons, on supercell: Supercell, pool: WorkerPool = WorkerPool(threads: 1)) {
        self.init(Self.electronic(electrons, on: supercell.lattice), electrons.model, supercell, pool)
    }

    /// Electrons as a network has learned them.
    package init(
        learned: any ForceField, model: AdiabaticModel, on supercell: Supercell, pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        self.init(learned, model, supercell, pool)
    }

    private init(_ electronic: any ForceField, _ model: AdiabaticModel, _ supercell: Supercell, _ pool: WorkerPool) {
        let classical = model.classicalPart(on: supercell, pool: pool)
        total = Self.sum(electronic, classical)
        tellsDensity = model.forceTellsDensity(on: supercell.lattice)
        isSampled = electronic.isSampled
        densities = tellsDensity ? nil : (electronic as? any SolvedElectrons)?.densities
        self.model = model
        self.classical = classical
    }

    package var isConservative: Bool { total is any ConservativeForceField }

    /// Whether each step of dynamics evaluates one term of the average that ``total`` is by itself.
    package let isSampled: Bool

    /// ``total`` as one that can be computed on a part of the lattice; nil if a force depends on all of it.
    package var local: (any LocalForceField)? { total as? any LocalForceField }

    /// Whether n_i follows from the force.
    private let tellsDensity: Bool

    /// n from the total force; nil if it does not tell them, and ``densities`` does.
    package func density(displacement: SiteField, force: SiteField) -> SiteField? {
        guard tellsDensity else { return nil }
        return model.density(fromElectronicForce: electronicForce(displacement: displacement, force: force))
    }

    /// F − F_classical, the electronic part of the total force.
    package func electronicForce(displacement: SiteField, force: SiteField) -> SiteField {
        var electronic = force
        classical.subtractForces(at: displacement, in: CellBox(displacement.supercell), from: &electronic)
        return electronic
    }

    private static func electronic(_ electrons: any SolvedElectrons, on lattice: Lattice) -> any ForceField {
        guard let local = electrons as? ElectronicForceField<LocalDiagonalization> else { return electrons }
        return LocalElectronicForceField(local, on: lattice) ?? local
    }

    private static func sum(_ electronic: some ForceField, _ classical: any ClassicalForceField) -> any ForceField {
        if let local = electronic as? any LocalForceField { return localSum(local, classical) }
        if let conservative = electronic as? any ConservativeForceField { return conservingSum(conservative, classical) }
        return AdiabaticSumForceField(electronic, classical)
    }

    private static func localSum(_ electronic: some LocalForceField, _ classical: any ClassicalForceField) -> any ForceField {
        AdiabaticSumForceField(electronic, classical)
    }

    private static func conservingSum(_ electronic: some ConservativeForceField, _ classical: any ClassicalForceField)
        -> any ForceField
    {
        AdiabaticSumForceField(electronic, classical)
    }
}
