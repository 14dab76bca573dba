import Lattices

/// The numbers of H − μ: −t on every bond, and on every site its energy.
struct SiteEnergies: @unchecked Sendable {
    /// −g Q_i − μ, less 2t for every bond of the site with its own image.
    let energies: UnsafeBufferPointer<Double>
    let hopping: Double
}

/// The interval that holds every eigenvalue.
struct SpectrumBounds {
    private(set) var lower = Double.infinity
    private(set) var upper = -Double.infinity

    /// A known interval.
    init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Gershgorin's circles: −g Q_i ± |t| for every bond end of the site.
    init(_ model: HolsteinModel, _ displacement: SiteField, graph: BondGraph) {
        for (site, neighbors) in graph.neighbors.enumerated() {
            include(-model.coupling * displacement[site], radius: abs(model.hopping) * Double(neighbors.count))
        }
        for (site, _) in graph.loops {
            let radius = abs(model.hopping) * Double(graph.neighbors[site].count + 2 * graph.loops.count)
            include(-model.coupling * displacement[site], radius: radius)
        }
    }

    private mutating func include(_ center: Double, radius: Double) {
        lower = min(lower, center - radius)
        upper = max(upper, center + radius)
    }

    /// max |ε − μ|
    func distance(from chemicalPotential: Double) -> Double {
        max(upper - chemicalPotential, chemicalPotential - lower)
    }
}
