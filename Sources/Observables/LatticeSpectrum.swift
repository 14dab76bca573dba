import LatticeNumerics
import Lattices

/// Structure factors and correlation functions of scalar fields on one supercell: the Fourier plan and the geometry, made once.
///
/// One instance serves one thread at a time.
public final class LatticeSpectrum {
    /// The supercell of every field.
    public let supercell: Supercell
    /// +1 and −1 on the sublattices, nil if the supercell frustrates them: `Supercell.sublatticeSigns()`.
    public let signs: [Double]?
    private let transform: FourierTransform
    private let orderingIndex: Int?
    private let waveVectorDistances: [Double]
    private let waveVectorSpacing: Double
    private let quarterZone: Double
    private let siteDistances: [Double]

    /// - Throws: ``ObservablesError`` for a lattice with several sites a cell, or a supercell with open ends.
    public init(_ supercell: Supercell) throws {
        let lattice = supercell.lattice
        guard lattice.basis.count == 1 else {
            throw ObservablesError(
                key: "lattice", problem: "\(lattice.name) has \(lattice.basis.count) sites a cell; structure factors need one")
        }
        guard supercell.isPeriodic else {
            throw ObservablesError(
                key: "supercell", problem: "periodic = \(supercell.periodic); structure factors need every direction periodic")
        }
        self.supercell = supercell
        let signs = supercell.sublatticeSigns()
        self.signs = signs
        transform = FourierTransform(dimensions: supercell.size.reversed())
        let origin = [Int](repeating: 0, count: lattice.dimension)
        let ordering = signs.map { signs in
            origin.indices.map { axis -> Int in
                var neighbor = origin
                neighbor[axis] = 1
                return signs[supercell.site(cell: neighbor)] == signs[0] ? 0 : supercell.size[axis] / 2
            }
        }
        orderingIndex = ordering.map { supercell.site(cell: $0) }
        let reciprocal = lattice.dualVectors.map { $0.map { 2 * Double.pi * $0 } }
        let steps = zip(reciprocal, supercell.size).map { vector, side in vector.map { $0 / Double(side) } }
        waveVectorDistances = periodicDistances(size: supercell.size, steps: steps, origin: ordering ?? origin)
        waveVectorSpacing = steps.map(Self.length).min()!
        quarterZone = reciprocal.map(Self.length).min()! / 4
        siteDistances = periodicDistances(size: supercell.size, steps: lattice.primitiveVectors, origin: origin)
    }

    /// S(q) of the field; its mean is removed.
    ///
    /// - Throws: ``ObservablesError`` unless the field is scalar and on this supercell.
    public func structureFactor(of field: SiteField) throws -> StructureFactor {
        try check(field)
        let mean = field.mean
        let scale = 1 / Double(field.values.count)
        return StructureFactor(
            supercell: supercell, values: transform.powerSpectrum(of: field.values.map { $0 - mean }).map { $0 * scale },
            orderingIndex: orderingIndex, distances: waveVectorDistances, quarterZone: quarterZone, spacing: waveVectorSpacing)
    }

    /// C(d) of the field without signs; nothing is subtracted.
    ///
    /// - Throws: ``ObservablesError`` unless the field is scalar and on this supercell.
    public func correlation(of field: SiteField) throws -> CorrelationFunction {
        try check(field)
        return CorrelationFunction(
            supercell: supercell, values: transform.autocorrelation(of: field.values), isStaggered: false,
            distances: siteDistances)
    }

    /// The staggered C(d) of the field; nothing is subtracted, so take the mean off a density before.
    ///
    /// - Throws: ``ObservablesError`` unless the field is scalar and on this supercell, and the supercell has two sublattices.
    public func staggeredCorrelation(of field: SiteField) throws -> CorrelationFunction {
        guard let signs else {
            throw ObservablesError(
                key: "supercell", problem: "\(supercell.lattice.name) of size \(supercell.size) has no two sublattices")
        }
        try check(field)
        // Site 0 has sign +1: the sign of a site is the sign of its displacement from there.
        return CorrelationFunction(
            supercell: supercell, values: zip(transform.autocorrelation(of: field.values), signs).map { $0 * $1 },
            isStaggered: true, distances: siteDistances)
    }

    private func check(_ field: SiteField) throws {
        guard field.components == .scalar else {
            throw ObservablesError(key: "components", problem: "a \(field.components.rawValue) field; a scalar one is needed")
        }
        guard field.supercell == supercell else {
            throw ObservablesError(
                key: "supercell", problem: "a field of size \(field.supercell.size); \(supercell.size) is needed")
        }
    }

    private static func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
