import Lattices

/// The interval that holds every eigenvalue.
struct SpectrumBounds {
    let lower: Double
    let upper: Double

    /// Gershgorin's circles, −g Q_i ± |t| for every bond end of a site, with as many ends as a site of the lattice has at most.
    init(_ model: HolsteinModel, _ displacement: SiteField) {
        let lattice = displacement.supercell.lattice
        let radius = abs(model.hopping) * Double(lattice.basis.indices.map { lattice.directedBonds(from: $0).count }.max()!)
        var (least, most) = (Double.infinity, -Double.infinity)
        for value in displacement.values {
            least = min(least, value)
            most = max(most, value)
        }
        let ends = (-model.coupling * least, -model.coupling * most)
        lower = min(ends.0, ends.1) - radius
        upper = max(ends.0, ends.1) + radius
    }

    /// max |ε − μ|
    func distance(from chemicalPotential: Double) -> Double {
        max(upper - chemicalPotential, chemicalPotential - lower)
    }
}
