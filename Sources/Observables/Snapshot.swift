import Lattices

/// One state as observables see it, with what several of them share computed once, when first asked for.
public final class Snapshot {
    /// Q.
    public let displacement: SiteField
    /// Q̇, where there is one: overdamped dynamics has none.
    public let velocity: SiteField?
    /// n_i, where electrons were solved for or predicted.
    public let density: SiteField?
    /// Ω(Q) of the whole supercell, in units of the hopping.
    public let potential: Double?
    /// m of a site variable.
    public let mass: Double
    /// +1 and −1 on the sublattices, nil if the supercell frustrates them.
    let signs: [Double]?
    /// Nil where there is no structure factor here: several sites a cell, several components a site, open ends.
    let spectrum: LatticeSpectrum?

    init(
        displacement: SiteField, velocity: SiteField?, density: SiteField?, potential: Double?, mass: Double,
        signs: [Double]?, spectrum: LatticeSpectrum?
    ) {
        self.displacement = displacement
        self.velocity = velocity
        self.density = density
        self.potential = potential
        self.mass = mass
        self.signs = signs
        self.spectrum = displacement.components == .scalar ? spectrum : nil
    }

    /// S(q) of the displacement.
    lazy var structureFactor: StructureFactor? = try? spectrum?.structureFactor(of: displacement)

    /// S(q) of the density.
    lazy var densityStructureFactor: StructureFactor? = density.flatMap { try? spectrum?.structureFactor(of: $0) }

    /// The staggered correlation function of the displacement.
    lazy var correlation: CorrelationFunction? = try? spectrum?.staggeredCorrelation(of: displacement)

    /// φ of a scalar field.
    func orderParameter(_ field: SiteField?) -> Double? {
        guard let field, field.components == .scalar else { return nil }
        return signs.map { field.staggeredMean(signs: $0) }
    }
}
