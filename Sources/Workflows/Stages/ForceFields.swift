import ElectronicStructure
import EquivariantNetworks
import ForceFields
import LatticeNumerics
import Lattices

/// The total adiabatic force field of a recipe: an electronic part, exact or learned, plus the elastic part.
package struct AdiabaticForceField: Sendable {
    /// Electronic and elastic forces together.
    package let total: any ForceField
    private let model: HolsteinModel
    private let elastic: ElasticForceField

    /// Electrons solved by `solver`.
    package init(_ solver: any ElectronicSolver, on supercell: Supercell, pool: WorkerPool = WorkerPool(threads: 1)) {
        self.init(Self.electronic(solver, on: supercell.lattice), solver.model, supercell, pool)
    }

    /// Electrons as a network has learned them.
    package init(
        learned: any ForceField, model: HolsteinModel, on supercell: Supercell, pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        self.init(learned, model, supercell, pool)
    }

    private init(_ electronic: any ForceField, _ model: HolsteinModel, _ supercell: Supercell, _ pool: WorkerPool) {
        let elastic = model.elasticForceField(on: supercell, pool: pool)
        total = Self.sum(electronic, elastic)
        self.model = model
        self.elastic = elastic
    }

    package var isConservative: Bool { total is any ConservativeForceField }

    /// ``total`` as one that can be computed on a part of the lattice; nil if a force depends on all of it.
    package var local: (any LocalForceField)? { total as? any LocalForceField }

    /// n = (F − F_elastic)/g + ½ from the total force; nil if g = 0.
    package func density(displacement: SiteField, force: SiteField) -> SiteField? {
        guard model.coupling != 0 else { return nil }
        var density = electronicForce(displacement: displacement, force: force)
        for site in density.values.indices { density.values[site] = density.values[site] / model.coupling + 0.5 }
        return density
    }

    /// F − F_elastic, the electronic part of the total force.
    package func electronicForce(displacement: SiteField, force: SiteField) -> SiteField {
        var electronic = force
        elastic.subtractForces(at: displacement, in: CellBox(displacement.supercell), from: &electronic)
        return electronic
    }

    private static func electronic(_ solver: some ElectronicSolver, on lattice: Lattice) -> any ForceField {
        if let local = solver as? LocalDiagonalization, let forces = LocalHolsteinForceField(local, on: lattice) { return forces }
        if let conservative = solver as? any PotentialSolver { return conserving(conservative) }
        return HolsteinForceField(solver)
    }

    private static func conserving(_ solver: some PotentialSolver) -> any ForceField { HolsteinForceField(solver) }

    private static func sum(_ electronic: some ForceField, _ elastic: ElasticForceField) -> any ForceField {
        if let local = electronic as? any LocalForceField { return localSum(local, elastic) }
        if let conservative = electronic as? any ConservativeForceField { return conservingSum(conservative, elastic) }
        return ElasticSumForceField(electronic, elastic)
    }

    private static func localSum(_ electronic: some LocalForceField, _ elastic: ElasticForceField) -> any ForceField {
        ElasticSumForceField(electronic, elastic)
    }

    private static func conservingSum(_ electronic: some ConservativeForceField, _ elastic: ElasticForceField) -> any ForceField {
        ElasticSumForceField(electronic, elastic)
    }
}
