import LatticeNumerics
import Lattices
import Models

/// Electrons in equilibrium with a reservoir, as a workspace finds their density.
struct LocalEquilibrium {
    let density: SiteField
    let chemicalPotential: Double
    let electrons: Double
    /// How far the mean density may be from a filling: 10⁻⁸, in single precision 10⁻⁶, plus the largest effect of rounding of an
    /// energy.
    let fillingTolerance: Double
    /// The poles of the density; nil if sites are isolated.
    let expansion: PoleExpansion?

    /// - Parameters:
    ///   - h: the Hamiltonian, of which the lattice may be a part.
    ///   - bounds: of the spectrum of the whole lattice, by which the poles are chosen.
    ///   - reservoir: k_BT > 0 with μ or filling.
    ///   - isSinglePrecision: whether densities have the rounding of 32 bits.
    ///   - evaluate: writes the density at a μ with an expansion, which is nil if sites are isolated.
    /// - Throws: ``ElectronicStructureError`` for an impossible filling, ``PoleExpansionError`` if there are no such poles.
    init(
        _ h: UniformTightBinding, bounds: SpectrumBounds, _ reservoir: Reservoir, poles: PoleChoice,
        isSinglePrecision isSingle: Bool,
        evaluate: (_ chemicalPotential: Double, PoleExpansion?, DensityOutput) -> Void
    ) throws {
        func poleExpansion(energy: Double) throws -> PoleExpansion? {
            try poles.expansion(energy: energy, h, temperature: reservoir.temperature, isSinglePrecision: isSingle)
        }
        let rounding = (isSingle ? 0x1p-24 : 0x1p-53) * (bounds.upper - bounds.lower) / (4 * reservoir.temperature)
        fillingTolerance = (isSingle ? 1e-6 : 1e-8) + rounding
        var density = SiteField(h.supercell)
        /// Fills in the density and returns how many electrons that is.
        func electrons(_ chemicalPotential: Double, _ expansion: PoleExpansion?) -> Double {
            density.values.withUnsafeMutableBufferPointer { values in
                evaluate(chemicalPotential, expansion, DensityOutput(values.baseAddress!))
                return values.reduce(0, +)
            }
        }
        switch reservoir.particles {
        case .chemicalPotential(let value):
            let expansion = try poleExpansion(energy: bounds.distance(from: value))
            self.expansion = expansion
            chemicalPotential = value
            self.electrons = electrons(value, expansion)
        case .filling(let filling):
            // One expansion for every μ that may be tried, so that the number of electrons is a smooth function of it.
            let expansion = try poleExpansion(energy: bounds.upper - bounds.lower)
            self.expansion = expansion
            let search = try FillingSearch(filling: filling, temperature: reservoir.temperature, h, bounds: bounds)
            // What single precision resolves of a sum over all sites.
            let resolved = isSingle ? 2e-6 : 0
            let wanted = filling * Double(h.supercell.siteCount)
            (chemicalPotential, self.electrons) = try search.root(tolerance: max(1e-10 * wanted, resolved)) { value in
                let count = electrons(value, expansion)
                return (count - wanted, count)
            }
        }
        self.density = density
    }
}
