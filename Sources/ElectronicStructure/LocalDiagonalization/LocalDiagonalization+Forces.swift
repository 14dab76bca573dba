import Lattices

extension LocalDiagonalization {
    /// How far, in cells along any direction, the density of a site depends on displacements, at fixed μ.
    ///
    /// What is farther away has a part in the choice of the poles only, by the extent of the displacement.
    public func receptiveField(on lattice: Lattice) -> Int {
        options.blockReach(on: lattice, corrected: corrections != nil) ?? schedules.receptiveField(on: lattice)
    }

    /// The electronic part of the forces, g (n_i − ½), in a box.
    ///
    /// - Parameters:
    ///   - displacement: right in the box and ``receptiveField(on:)`` cells around it.
    ///   - box: begins at a multiple of ``Options/core`` in the whole lattice.
    ///   - extent: of the displacement in the whole lattice.
    ///   - forces: overwritten in the box.
    /// - Throws: what ``solve(_:)`` throws, for the displacements in the box and the extent.
    func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        guard case .chemicalPotential(let chemicalPotential) = model.reservoir else {
            preconditionFailure("forces at fixed filling are not local")
        }
        precondition(forces.supercell == displacement.supercell, "fields on one supercell")
        try validate(displacement, in: box, pool: pool)
        try validate(displacement.supercell.lattice)
        let bounds = SpectrumBounds(model, extent, on: displacement.supercell.lattice)
        let expansion = try options.poleChoice.expansion(bound: bounds.distance(from: chemicalPotential) / model.temperature)
        workspaces.withWorkspace(for: displacement.supercell, box: box) { workspace in
            forces.values.withUnsafeMutableBufferPointer { forces in
                let output = DensityOutput(forces: forces.baseAddress!, coupling: model.coupling)
                if model.hopping == 0 {
                    workspace.evaluateAtoms(displacement, model: model, chemicalPotential: chemicalPotential, output: output)
                } else {
                    workspace.evaluate(
                        displacement, model: model, chemicalPotential: chemicalPotential, expansion: expansion,
                        corrections: corrections, output: output, pool: pool)
                }
            }
        }
    }
}

extension LocalDiagonalization.Options {
    /// How far, in cells along any direction, the density of a site depends on displacements, at fixed μ.
    ///
    /// - Parameter corrections: whose paths are followed.
    public func receptiveField(on lattice: Lattice, corrections: EndCorrections? = nil) -> Int {
        blockReach(on: lattice, corrected: corrections != nil)
            ?? LaneSchedule.patches(lattice, core: core, radius: radius, levels: levels, terms: corrections?.terms)
            .receptiveField
    }

    /// The same of blocks; nil for patches that are solved by programs.
    func blockReach(on lattice: Lattice, corrected: Bool) -> Int? {
        guard !corrected, core > Self.largestProgramCore else { return nil }
        return core - 1 + radius + levels * (lattice.bonds.flatMap { $0.cell.map(abs) }.max() ?? 0)
    }
}
