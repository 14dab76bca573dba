import Lattices

extension LocalDiagonalization {
    /// How far, in cells along any direction, the density of a site depends on displacements, at fixed μ.
    ///
    /// What is farther away has a part in the choice of the poles only, by the extent of the displacement.
    public func receptiveField(on lattice: Lattice) -> Int {
        options.blockReach(on: lattice, corrected: corrections != nil) ?? schedules.receptiveField(on: lattice)
    }

    public func surroundings(on lattice: Lattice) -> Int? { receptiveField(on: lattice) }

    /// The electronic part of the forces, g (n_i − ½), or the densities n_i themselves, in a box.
    ///
    /// - Parameters:
    ///   - displacement: right in the box and ``receptiveField(on:)`` cells around it.
    ///   - box: begins at a multiple of ``Options/core`` in the whole lattice.
    ///   - extent: of the displacement in the whole lattice.
    ///   - quantity: what is computed.
    ///   - forces: overwritten in the box.
    /// - Throws: what ``solve(_:)`` throws, for the displacements in the box and the extent.
    func compute(
        _ quantity: ElectronicQuantity, at displacement: SiteField, in box: CellBox, extent: FieldExtent,
        into forces: inout SiteField
    ) throws {
        guard case .chemicalPotential(let chemicalPotential) = model.reservoir else {
            preconditionFailure("forces at fixed filling are not local")
        }
        precondition(forces.supercell == displacement.supercell, "fields on one supercell")
        try validate(displacement, in: box, pool: pool)
        try validate(displacement.supercell.lattice)
        let lattice = displacement.supercell.lattice
        let expansion = try options.poleChoice.expansion(
            energy: SpectrumBounds(model, extent, on: lattice).distance(from: chemicalPotential), model: model,
            lattice: lattice, isSinglePrecision: options.precision == .single)
        forces.values.withUnsafeMutableBufferPointer { forces in
            let output =
                switch quantity {
                case .force: DensityOutput(forces: forces.baseAddress!, coupling: model.coupling)
                case .density: DensityOutput(densities: forces.baseAddress!)
                }
            evaluate(displacement, in: box, chemicalPotential: chemicalPotential, expansion: expansion, output: output)
        }
        // With learned coefficients any density is allowed.
        guard corrections == nil else { return }
        let (factor, center) = quantity == .force ? (abs(model.coupling), 0) : (1, 0.5)
        if let site = forces.firstSite(
            in: box, where: 1, from: center, exceeds: factor * (0.5 + Self.largestExcess), pool: pool)
        {
            let density = quantity == .force ? forces[site] / model.coupling + 0.5 : forces[site]
            throw ElectronicStructureError.impossibleDensity(
                solver: Self.name, site: site, cell: displacement.supercell.cell(of: site), value: density,
                tolerance: Self.largestExcess)
        }
    }
}

extension LocalDiagonalization.Options {
    /// How far, in cells along any direction, the density of a site depends on displacements, at fixed μ.
    ///
    /// - Parameter corrections: whose paths are followed.
    public func receptiveField(on lattice: Lattice, corrections: EndCorrections? = nil) -> Int {
        blockReach(on: lattice, corrected: corrections != nil)
            ?? LaneSchedule.patches(lattice, core: core, radii: radii, levels: levels, terms: corrections?.terms)
            .receptiveField
    }

    /// The same of blocks; nil for patches that are solved by programs.
    func blockReach(on lattice: Lattice, corrected: Bool) -> Int? {
        guard !corrected, core > Self.largestProgramCore else { return nil }
        return core - 1 + radius + levels * (lattice.bonds.flatMap { $0.cell.map(abs) }.max() ?? 0)
    }
}
