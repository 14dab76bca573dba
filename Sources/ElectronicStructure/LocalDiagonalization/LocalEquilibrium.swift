import LatticeNumerics
import Lattices

/// Electrons in equilibrium with the reservoir of a model, as a workspace finds their density.
struct LocalEquilibrium {
    let chemicalPotential: Double
    let electrons: Double
    /// The poles the density was found with.
    let expansion: PoleExpansion

    /// Leaves the density in the workspace.
    ///
    /// - Throws: ``ElectronicStructureError`` for an impossible filling, ``PoleExpansionError`` if there are no such poles.
    init(
        _ displacement: SiteField, model: HolsteinModel, poles: PoleChoice, workspace: LocalWorkspace,
        corrections: EndCorrections? = nil, pool: WorkerPool
    ) throws {
        let bounds = SpectrumBounds(model, displacement)
        /// Fills in the density and returns how many electrons that is.
        func electrons(_ chemicalPotential: Double, _ expansion: PoleExpansion) -> Double {
            if model.hopping == 0 {
                workspace.evaluateAtoms(displacement, model: model, chemicalPotential: chemicalPotential)
            } else {
                workspace.evaluate(
                    displacement, model: model, chemicalPotential: chemicalPotential, expansion: expansion,
                    corrections: corrections,
                    pool: pool)
            }
            return workspace.density.reduce(0, +)
        }
        switch model.reservoir {
        case .chemicalPotential(let value):
            let expansion = try poles.expansion(bound: bounds.distance(from: value) / model.temperature)
            self.expansion = expansion
            chemicalPotential = value
            self.electrons = electrons(value, expansion)
        case .filling(let filling):
            // One expansion for every μ that may be tried, so that the number of electrons is a smooth function of it.
            let expansion = try poles.expansion(bound: (bounds.upper - bounds.lower) / model.temperature)
            self.expansion = expansion
            let search = try FillingSearch(filling: filling, model: model, displacement: displacement, bounds: bounds)
            // What single precision resolves of a sum over all sites.
            let rounding = workspace.isSinglePrecision ? 2e-6 : 0
            let wanted = filling * Double(displacement.supercell.siteCount)
            (chemicalPotential, self.electrons) = try search.root(tolerance: max(1e-10 * wanted, rounding)) { value in
                let count = electrons(value, expansion)
                return (count - wanted, count)
            }
        }
    }
}
