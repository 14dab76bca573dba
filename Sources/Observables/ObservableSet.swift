import Lattices

/// Named numbers of one state, in the fixed order of the set that computed them.
public struct ObservableSample: Sendable {
    /// ``ScalarObservable/name`` of each.
    public let names: [String]
    /// One value a name; NaN where the observable is not defined or not available.
    public let values: [Double]

    /// The value of that name, nil if the set has no such observable.
    public subscript(name: String) -> Double? { names.firstIndex(of: name).map { values[$0] } }
}

/// A list of observables for the states of one supercell. One instance serves one thread at a time.
public final class ObservableSet {
    /// What every simulation records.
    public static let standard: [ScalarObservable] = [
        .orderParameter, .densityOrderParameter, .structureFactor, .densityStructureFactor, .domainLength, .correlationLength,
        .kineticTemperature, .kineticEnergy, .potentialEnergy, .totalEnergy, .meanDisplacement, .meanSquareDisplacement,
    ]

    /// What is computed, in this order.
    public let observables: [ScalarObservable]
    /// Structure factors and correlation functions on the same supercell; nil if the lattice has several sites a cell or the
    /// supercell has open ends.
    public let spectrum: LatticeSpectrum?
    private let supercell: Supercell
    private let signs: [Double]?
    private let mass: Double

    /// - Parameters:
    ///   - supercell: of the states.
    ///   - mass: m of a site variable.
    ///   - observables: what to compute, in this order.
    public init(_ supercell: Supercell, mass: Double, observables: [ScalarObservable] = ObservableSet.standard) {
        self.observables = observables
        self.supercell = supercell
        self.mass = mass
        let spectrum = try? LatticeSpectrum(supercell)
        self.spectrum = spectrum
        signs = spectrum.map(\.signs) ?? supercell.sublatticeSigns()
    }

    /// ``ScalarObservable/name`` of each.
    public var names: [String] { observables.map(\.name) }

    /// The numbers of one state.
    ///
    /// - Parameters:
    ///   - displacement: Q.
    ///   - velocity: nil where there is none (overdamped dynamics).
    ///   - density: n_i, if known.
    ///   - potential: Ω(Q) of the whole supercell, if known.
    public func sample(
        displacement: SiteField, velocity: SiteField? = nil, density: SiteField? = nil, potential: Double? = nil
    ) -> ObservableSample {
        for field in [displacement, velocity, density] {
            precondition(field == nil || field!.supercell == supercell, "fields on the supercell of the set")
        }
        let snapshot = Snapshot(
            displacement: displacement, velocity: velocity, density: density, potential: potential, mass: mass,
            signs: signs, spectrum: spectrum)
        return ObservableSample(names: names, values: observables.map { $0.evaluate(snapshot) ?? .nan })
    }
}
