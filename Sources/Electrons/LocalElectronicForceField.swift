import ForceFields
import Lattices
import Models

/// The electronic part of the forces of a model by local diagonalization at fixed μ: a function of the surroundings of each site, so
/// that parts of the lattice can be done by themselves.
public struct LocalElectronicForceField: SolvedElectrons, LocalForceField, TiledForceField {
    public let model: AdiabaticModel
    /// What finds the densities.
    public private(set) var solver: LocalDiagonalization
    /// How far the patch or block around a site and the messages at its ends reach, wherever in its block the site is.
    public let receptiveField: Int
    /// How a force follows from the density of its site; nil for the densities themselves.
    private var force: OnsiteForce?

    /// The forces of a model's electrons; nil at fixed filling, where every site depends on all others through μ, and for a model whose
    /// force does not follow from the density of its site.
    public init?(_ electrons: ElectronicForceField<LocalDiagonalization>, on lattice: Lattice) {
        guard !electrons.model.reservoir.isFillingFixed, let force = electrons.model.onsiteForce else { return nil }
        (model, solver) = (electrons.model, electrons.solver)
        self.force = force
        receptiveField = solver.receptiveField(on: lattice)
    }

    /// The side of a block.
    public var alignment: Int { blockSide }
    public var blockSide: Int { solver.options.core }
    public var tiling: BlockTiling { solver.options.tiling }

    public func solve(_ x: SiteField, wanted: WantedElements?) throws -> ElectronicState {
        try solver.solve(model.tightBinding(at: x), model.reservoir, wanted: wanted ?? model.wantedElements)
    }

    public func surroundings(on lattice: Lattice) -> Int? { solver.surroundings(on: lattice) }

    public func computeForces(at x: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws {
        try solver.compute(
            force, of: model.tightBinding(at: x, in: box), model.reservoir, in: box,
            bounds: model.spectrumBounds(extent, on: x.supercell.lattice), into: &forces)
    }

    public func tiled(_ tiling: BlockTiling) -> Self {
        var field = self
        field.solver = solver.tiled(tiling)
        return field
    }

    public func atStep(_ step: Int, seed: UInt64) -> Self {
        var field = self
        field.solver = solver.atStep(step, seed: seed)
        return field
    }

    public var densities: any ForceField {
        var field = self
        field.force = nil
        return field
    }
}
