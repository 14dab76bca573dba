import LatticeNumerics
import Lattices
import Models

/// Memory in which the densities of a box of cells are found from local solutions.
///
/// `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one call at a time.
class LocalWorkspace: SupercellWorkspace, @unchecked Sendable {
    let supercell: Supercell
    let box: CellBox
    /// How blocks, or groups of cells that a program works on, cover the box where nothing else is said.
    let cover: BlockCover
    /// Whether the Green's functions have 32 bits.
    let isSinglePrecision: Bool

    init(_ supercell: Supercell, box: CellBox, cover: BlockCover, isSinglePrecision: Bool) {
        self.supercell = supercell
        self.box = box
        self.cover = cover
        self.isSinglePrecision = isSinglePrecision
    }

    var blocks: Coordinates { cover.count }

    /// Finds the densities of the box in the field of the energies ε_i − μ.
    ///
    /// - Parameters:
    ///   - expansion: nil for isolated sites.
    ///   - corrections: of the ends of patches; the workspace was made for their terms.
    ///   - cover: the same number of blocks, which may be moved.
    ///   - output: of the whole supercell; written in the box.
    final func evaluate(
        _ h: UniformTightBinding, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion?,
        corrections: EndCorrections? = nil, cover: BlockCover? = nil, output: DensityOutput, pool: WorkerPool
    ) {
        precondition(cover.map { $0.count == blocks } ?? true, "as many blocks as there is room for")
        if let expansion {
            return evaluateHopping(
                h, temperature: temperature, chemicalPotential: chemicalPotential, expansion: expansion,
                corrections: corrections, cover: cover ?? self.cover, output: output, pool: pool)
        }
        for site in box.siteRanges(in: supercell).joined() {
            let density = FermiDirac.occupation(
                energy: h.energy(site), chemicalPotential: chemicalPotential, temperature: temperature)
            output.write(density, at: site)
        }
    }

    /// The same for electrons that hop.
    func evaluateHopping(
        _ h: UniformTightBinding, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion,
        corrections: EndCorrections?, cover: BlockCover, output: DensityOutput, pool: WorkerPool
    ) {
        preconditionFailure("a subclass finds the density")
    }
}
