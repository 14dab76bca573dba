import Lattices

/// An interval that holds every eigenvalue.
public struct SpectrumBounds: Sendable, Equatable {
    /// No eigenvalue is below it.
    public let lower: Double
    /// No eigenvalue is above it.
    public let upper: Double

    /// Gershgorin's circles of one radius around energies between two ends, in any order.
    public init(energiesBetween first: Double, and second: Double, radius: Double) {
        lower = min(first, second) - radius
        upper = max(first, second) + radius
    }

    /// Gershgorin's circles, with as many bond ends for every site as a site of the lattice has at most.
    package init(_ h: UniformTightBinding) {
        let extent = FieldExtent(of: h.values)
        self.init(energiesBetween: h.slope * extent.lowest, and: h.slope * extent.highest, radius: h.radius)
    }

    /// max |ε − μ|
    package func distance(from chemicalPotential: Double) -> Double {
        max(upper - chemicalPotential, chemicalPotential - lower)
    }
}
