import Lattices

/// The interval that holds every eigenvalue.
struct SpectrumBounds {
    private(set) var lower: Double
    private(set) var upper: Double

    /// A known interval.
    init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Gershgorin's circles: −g Q_i ± |t| for every bond end of the site.
    init(_ model: HolsteinModel, _ displacement: SiteField, graph: BondGraph) {
        (lower, upper) = (.infinity, -.infinity)
        var bondEnds = graph.neighbors.map(\.count)
        for (site, _) in graph.loops { bondEnds[site] += 2 }
        for (site, count) in bondEnds.enumerated() {
            let (center, radius) = (-model.coupling * displacement[site], abs(model.hopping) * Double(count))
            lower = min(lower, center - radius)
            upper = max(upper, center + radius)
        }
    }

    /// max |ε − μ|
    func distance(from chemicalPotential: Double) -> Double {
        max(upper - chemicalPotential, chemicalPotential - lower)
    }
}
