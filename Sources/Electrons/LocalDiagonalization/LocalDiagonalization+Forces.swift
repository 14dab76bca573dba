import Lattices
import Models

extension LocalDiagonalization {
    /// How far, in cells along any direction, the density of a site depends on displacements, at fixed μ.
    ///
    /// What is farther away has a part in the choice of the poles only, by the extent of the displacement.
    public func receptiveField(on lattice: Lattice) -> Int {
        options.blockReach(on: lattice, corrected: corrections != nil) ?? schedules.receptiveField(on: lattice)
    }

    public func surroundings(on lattice: Lattice) -> Int? { receptiveField(on: lattice) }

    /// The densities n_i, or forces that follow from them, in a box.
    ///
    /// - Parameters:
    ///   - force: how a force follows from the density of its site; nil for the densities themselves.
    ///   - h: right in the box and ``receptiveField(on:)`` cells around it.
    ///   - reservoir: at fixed μ.
    ///   - box: begins at a multiple of ``Options/core`` in the whole lattice.
    ///   - bounds: of the spectrum of the whole lattice.
    ///   - values: overwritten in the box.
    /// - Throws: what ``solve(_:_:wanted:)`` throws, for the energies in the box and the bounds.
    func compute(
        _ force: OnsiteForce?, of h: TightBinding, _ reservoir: Reservoir, in box: CellBox, bounds: SpectrumBounds,
        into values: inout SiteField
    ) throws {
        guard let chemicalPotential = reservoir.fixedChemicalPotential else {
            preconditionFailure("forces at fixed filling are not local")
        }
        let h = try uniform(h)
        precondition(values.supercell == h.supercell, "fields on one supercell")
        try h.validate(in: box, pool: pool)
        try validate(h.supercell.lattice, temperature: reservoir.temperature)
        let expansion = try options.poleChoice.expansion(
            energy: bounds.distance(from: chemicalPotential), h, temperature: reservoir.temperature,
            isSinglePrecision: options.precision == .single)
        values.values.withUnsafeMutableBufferPointer { values in
            evaluate(
                h, in: box, temperature: reservoir.temperature, chemicalPotential: chemicalPotential, expansion: expansion,
                output: DensityOutput(values.baseAddress!, force))
        }
        // With learned coefficients any density is allowed.
        guard corrections == nil else { return }
        let (factor, center) = force.map { (abs($0.factor), $0.factor * (0.5 - $0.center)) } ?? (1, 0.5)
        if let site = values.firstSite(
            in: box, where: 1, from: center, exceeds: factor * (0.5 + Self.largestExcess), pool: pool)
        {
            let density = force.map { values[site] / $0.factor + $0.center } ?? values[site]
            throw ElectronicStructureError.impossibleDensity(
                solver: Self.name, site: site, cell: h.supercell.cell(of: site), value: density,
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
