import ForceFields
import Lattices

/// The electronic part of the Holstein forces, F_i = g (n_i − ½), by local diagonalization at fixed μ: a function of the
/// surroundings of each site, so that parts of the lattice can be done by themselves.
public struct LocalHolsteinForceField: LocalForceField, DensityForceField, TiledForceField {
    /// Whose densities the forces are made of.
    public private(set) var solver: LocalDiagonalization
    /// How far the patch or block around a site and the messages at its ends reach, wherever in its block the site is.
    public let receptiveField: Int
    private var quantity = ElectronicQuantity.force
    /// The side of a block.
    public var alignment: Int { blockSide }
    public var blockSide: Int { solver.options.core }
    public var tiling: BlockTiling { solver.options.tiling }

    /// The forces of this solver's electrons; nil at fixed filling, where every site depends on all others through μ.
    public init?(_ solver: LocalDiagonalization, on lattice: Lattice) {
        guard case .chemicalPotential = solver.model.reservoir else { return nil }
        self.solver = solver
        receptiveField = solver.receptiveField(on: lattice)
    }

    public func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        try solver.compute(quantity, at: displacement, in: box, extent: extent, into: &forces)
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
        field.quantity = .density
        return field
    }
}
