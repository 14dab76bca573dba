import ElectronicStructure
import EquivariantNetworks
import ForceFields
import LatticeNumerics
import Lattices

/// The total adiabatic force field of a recipe: an electronic part, exact or learned, plus the elastic part.
package struct AdiabaticForceField: Sendable {
    /// Electronic and elastic forces together.
    package let total: any ForceField
    /// The densities n_i where the total force does not tell them because g is 0 or so small that they are lost in rounding of
    /// the elastic force; nil where it tells them, and for networks, which know nothing else.
    package let densities: (any ForceField)?
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
        tellsDensity = model.forceTellsDensity(on: supercell.lattice)
        isSampled = electronic.isSampled
        densities = tellsDensity ? nil : (electronic as? any DensityForceField)?.densities
        self.model = model
        self.elastic = elastic
    }

    package var isConservative: Bool { total is any ConservativeForceField }

    /// Whether each step of dynamics evaluates one term of the average that ``total`` is by itself.
    package let isSampled: Bool

    /// ``total`` as one that can be computed on a part of the lattice; nil if a force depends on all of it.
    package var local: (any LocalForceField)? { total as? any LocalForceField }

    /// Whether n_i follows from the force.
    private let tellsDensity: Bool

    /// n = (F − F_elastic)/g + ½ from the total force; nil if it does not tell them, and ``densities`` does.
    package func density(displacement: SiteField, force: SiteField) -> SiteField? {
        guard tellsDensity else { return nil }
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

extension BlockTiling {
    /// The blocks that forces outside of dynamics have, for the summary of a stage; nothing without blocks.
    func facts(side: Int, on lattice: Lattice) -> [StageSummary.Fact] {
        guard side > 1 else { return [] }
        let size = Array(repeating: "\(side)", count: lattice.dimension).joined(separator: " × ") + " cells"
        let count = (0..<lattice.dimension).reduce(1) { count, _ in count * side }
        let value =
            switch self {
            case .fixed: "\(size), from cell 0 on"
            case .mean: "\(size), average over \(count) offsets"
            case .sampled: "\(size), average over \(count) offsets, of which each step of dynamics takes one"
            }
        return [.init("blocks", value)]
    }
}

extension ForceField {
    /// ``BlockTiling/facts(side:on:)`` of its blocks, if it has any.
    func tilingFacts(on lattice: Lattice) -> [StageSummary.Fact] {
        guard let tiled = self as? any TiledForceField else { return [] }
        return tiled.tiling.facts(side: tiled.blockSide, on: lattice)
    }
}

extension ElectronicSolver {
    /// ``BlockTiling/facts(side:on:)`` of its blocks, if it has any.
    func tilingFacts(on lattice: Lattice) -> [StageSummary.Fact] {
        guard let options = (self as? LocalDiagonalization)?.options else { return [] }
        return options.tiling.facts(side: options.core, on: lattice)
    }
}

extension HolsteinModel {
    /// Whether the total force tells the densities: g > 10⁻⁶ (K + z|κ|), where rounding of the elastic force leaves an error of some
    /// 10⁻¹⁰ |Q|.
    func forceTellsDensity(on lattice: Lattice) -> Bool {
        return abs(coupling) > 1e-6 * (abs(stiffness) + Double(lattice.mostNeighbors) * abs(neighborStiffness))
    }
}
