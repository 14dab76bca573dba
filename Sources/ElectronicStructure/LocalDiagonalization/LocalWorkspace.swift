import LatticeNumerics
import Lattices

/// Memory in which the density of a supercell is found from local solutions.
///
/// `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one call at a time.
class LocalWorkspace: SupercellWorkspace, @unchecked Sendable {
    let supercell: Supercell
    /// n_i of the last evaluation.
    let density: UnsafeMutableBufferPointer<Double>
    /// Whether the Green's functions have 32 bits.
    let isSinglePrecision: Bool

    init(_ supercell: Supercell, isSinglePrecision: Bool) {
        self.supercell = supercell
        self.isSinglePrecision = isSinglePrecision
        density = .allocate(capacity: supercell.siteCount)
    }

    deinit { density.deallocate() }

    /// Finds the density in the field of the energies ε_i − μ = −g Q_i − μ, of electrons that hop.
    ///
    /// - Parameter corrections: of the ends of patches; the workspace was made for their terms.
    func evaluate(
        _ displacement: SiteField, model: HolsteinModel, chemicalPotential: Double, expansion: PoleExpansion,
        corrections: EndCorrections?, pool: WorkerPool
    ) {
        preconditionFailure("a subclass finds the density")
    }

    /// The density without hopping, where every site is alone.
    func evaluateAtoms(_ displacement: SiteField, model: HolsteinModel, chemicalPotential: Double) {
        for site in density.indices {
            density[site] = FermiDirac.occupation(
                energy: -model.coupling * displacement[site], chemicalPotential: chemicalPotential,
                temperature: model.temperature)
        }
    }
}
