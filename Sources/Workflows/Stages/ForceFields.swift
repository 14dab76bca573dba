import ElectronicStructure
import EquivariantNetworks
import ForceFields
import LatticeNumerics
import Lattices

/// The total adiabatic force field of a recipe: an electronic part, exact or learned, plus the elastic part.
struct AdiabaticForceField: Sendable {
    let total: any ForceField
    private let model: HolsteinModel
    private let elastic: ElasticForceField

    /// Electrons solved by `solver`.
    init(_ solver: any ElectronicSolver, on supercell: Supercell) {
        self.init(Self.electronic(solver), solver.model, supercell)
    }

    /// Electrons as a network has learned them.
    init(learned: any ForceField, model: HolsteinModel, on supercell: Supercell) {
        self.init(learned, model, supercell)
    }

    private init(_ electronic: any ForceField, _ model: HolsteinModel, _ supercell: Supercell) {
        let elastic = model.elasticForceField(on: supercell)
        total = Self.sum(electronic, elastic)
        self.model = model
        self.elastic = elastic
    }

    /// ``total`` as one that can be computed on a part of the lattice; nil if a force depends on all of it.
    var local: (any LocalForceField)? { total as? any LocalForceField }

    var isConservative: Bool { total is any ConservativeForceField }

    /// n = (F − F_elastic)/g + ½ from the total force; nil if g = 0.
    func density(displacement: SiteField, force: SiteField) -> SiteField? {
        (try? electronicForce(displacement: displacement, force: force)).flatMap(model.density)
    }

    /// F − F_elastic, the electronic part of the total force.
    func electronicForce(displacement: SiteField, force: SiteField) throws -> SiteField {
        let elasticForce = try elastic.forces(at: displacement)
        var electronic = force
        for site in electronic.values.indices { electronic.values[site] -= elasticForce.values[site] }
        return electronic
    }

    private static func electronic(_ solver: some ElectronicSolver) -> any ForceField {
        if let conservative = solver as? any PotentialSolver { return conserving(conservative) }
        return HolsteinForceField(solver)
    }

    private static func conserving(_ solver: some PotentialSolver) -> any ForceField { HolsteinForceField(solver) }

    private static func sum(_ electronic: some ForceField, _ elastic: ElasticForceField) -> any ForceField {
        if let conservative = electronic as? any ConservativeForceField { return conservingSum(conservative, elastic) }
        return SumForceField(electronic, elastic)
    }

    private static func conservingSum(_ electronic: some ConservativeForceField, _ elastic: ElasticForceField) -> any ForceField {
        SumForceField(electronic, elastic)
    }
}
