import Lattices

/// The interval that holds every eigenvalue.
struct SpectrumBounds {
    let lower: Double
    let upper: Double

    /// Gershgorin's circles, −g Q_i ± |t| for every bond end of a site, with as many ends as a site of the lattice has at most.
    init(_ model: HolsteinModel, _ displacement: SiteField) {
        self.init(model, FieldExtent(of: displacement), on: displacement.supercell.lattice)
    }

    /// The same for a displacement of which the extent is known.
    init(_ model: HolsteinModel, _ extent: FieldExtent, on lattice: Lattice) {
        let radius = abs(model.hopping) * Double(lattice.mostNeighbors)
        let ends = (-model.coupling * extent.lowest, -model.coupling * extent.highest)
        lower = min(ends.0, ends.1) - radius
        upper = max(ends.0, ends.1) + radius
    }

    /// max |ε − μ|
    func distance(from chemicalPotential: Double) -> Double {
        max(upper - chemicalPotential, chemicalPotential - lower)
    }
}
