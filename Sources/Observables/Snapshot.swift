import Lattices

/// One state as observables see it, with what several of them share computed once, when first asked for.
///
/// Of a state that is spread over ranks all ranks ask for the same, in the same order.
public final class Snapshot {
    /// Q.
    public let displacement: ObservedField
    /// Q̇, where there is one: overdamped dynamics has none.
    public let velocity: ObservedField?
    /// n_i, where electrons were solved for or predicted.
    public let density: ObservedField?
    /// Ω(Q) of the whole supercell, in units of the hopping.
    public let potential: Double?
    /// m of a site variable.
    public let mass: Double
    /// Sites of the whole supercell.
    let siteCount: Double
    /// Nil where there is no structure factor here: several sites a cell, open ends.
    private let spectrum: LatticeSpectrum?
    /// Whose transform the spectrum holds.
    private var held: ObservedField?

    init(
        displacement: ObservedField, velocity: ObservedField?, density: ObservedField?, potential: Double?, mass: Double,
        siteCount: Int, spectrum: LatticeSpectrum?
    ) {
        self.displacement = displacement
        self.velocity = velocity
        self.density = density
        self.potential = potential
        self.mass = mass
        self.siteCount = Double(siteCount)
        self.spectrum = spectrum
    }

    /// (m/2) Σ v² / N.
    var kineticEnergy: Double? {
        velocity.map {
            KineticEnergy.perSite(meanSquare: $0.meanSquare, mass: mass)
        }
    }

    /// S(Q₀) of a field of the snapshot.
    ///
    /// Where the sublattice signs are e^{iQ₀·r} themselves, which sum to zero, it is N φ² and needs no transform.
    func orderingValue(of field: ObservedField) -> Double? {
        guard let spectrum, let signs = spectrum.signs else { return nil }
        if signs.parities?.contains(-1) == true { return field.orderParameter.map { siteCount * $0 * $0 } }
        hold(field, spectrum)
        return spectrum.heldOrderingValue
    }

    /// L from the first moment of S(q) of the displacement.
    var domainLength: Double? {
        guard let spectrum else { return nil }
        hold(displacement, spectrum)
        return spectrum.heldDomainLength
    }

    /// L from the half height of C(r) of the displacement.
    var correlationLength: Double? {
        guard let spectrum else { return nil }
        hold(displacement, spectrum)
        return spectrum.heldCorrelationLength(means: displacement.means)
    }

    private func hold(_ field: ObservedField, _ spectrum: LatticeSpectrum) {
        guard held !== field else { return }
        spectrum.hold(means: field.means) { field.withSlab($0, $1) }
        held = field
    }
}
