import Communication
import LatticeNumerics
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

/// A list of observables for the states of one supercell, which may be spread over ranks.
///
/// Of a state that is spread over ranks all ranks sample together, and all get the same numbers, bit by bit those of one process.
/// One instance serves one thread at a time; its own threads are those of the pool.
public final class ObservableSet {
    /// What every simulation records, as far as it is defined on the supercell.
    public static let standard: [ScalarObservable] = [
        .orderParameter, .densityOrderParameter, .structureFactor, .densityStructureFactor, .domainLength, .correlationLength,
        .kineticTemperature, .kineticEnergy, .potentialEnergy, .totalEnergy, .meanDisplacement, .displacementMeanSquare,
    ]

    /// What is computed, in this order: of those asked for, what is defined on the supercell.
    public let observables: [ScalarObservable]
    /// Structure factors and correlation functions on the same supercell; nil if the lattice has several sites a cell or the
    /// supercell has open ends.
    public let spectrum: LatticeSpectrum?
    private let slabs: RowSlabs
    private let scalarSlabs: RowSlabs
    private let mass: Double
    private let sums: FieldSums

    /// For states of a whole supercell, in one process.
    ///
    /// - Parameters:
    ///   - supercell: of the states.
    ///   - kind: how the site variable transforms.
    ///   - mass: m of a site variable.
    ///   - observables: what to compute, in this order.
    ///   - pool: the threads.
    public convenience init(
        _ supercell: Supercell, kind: SiteVariable.Kind = .scalar, mass: Double,
        observables: [ScalarObservable] = ObservableSet.standard,
        pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        self.init(
            RowSlabs(whole: supercell, kind: kind), scalarSlabs: RowSlabs(whole: supercell), mass: mass,
            observables: observables, pool: pool)
    }

    /// For states of the domains of a supercell that is spread over ranks.
    ///
    /// - Parameters:
    ///   - slabs: brings fields of the site variable from the domains into slabs.
    ///   - scalarSlabs: the same of densities; nil where `slabs` are of scalars.
    ///   - mass: m of a site variable.
    ///   - observables: what to compute, in this order; the same on all ranks.
    ///   - pool: the threads of this rank.
    public init(
        _ slabs: RowSlabs, scalarSlabs: RowSlabs? = nil, mass: Double,
        observables: [ScalarObservable] = ObservableSet.standard, pool: WorkerPool
    ) {
        self.slabs = slabs
        self.scalarSlabs = scalarSlabs ?? slabs
        self.mass = mass
        let spectrum = try? LatticeSpectrum(slabs, pool: pool)
        self.spectrum = spectrum
        let signs = spectrum.map(\.signs) ?? SublatticeSigns(slabs.partition.whole)
        self.observables = observables.filter { observable in
            switch observable.requirement {
            case .none: true
            case .sublattices: signs != nil
            case .orderingWaveVector: spectrum?.signs != nil
            }
        }
        sums = FieldSums(slabs, signs: signs, pool: pool)
    }

    /// ``ScalarObservable/name`` of each.
    public var names: [String] { observables.map(\.name) }

    /// The numbers of one state.
    ///
    /// - Parameters:
    ///   - displacement: Q, of the domain of this rank.
    ///   - velocity: nil where there is none (overdamped dynamics).
    ///   - density: n_i, if known.
    ///   - potential: Ω(Q) of the whole supercell, if known.
    public func sample(
        displacement: SiteField, velocity: SiteField? = nil, density: SiteField? = nil, potential: Double? = nil
    ) -> ObservableSample {
        let snapshot = Snapshot(
            displacement: observed(displacement), velocity: velocity.map(observed), density: density.map(observed),
            potential: potential, mass: mass, siteCount: slabs.partition.whole.siteCount, spectrum: spectrum)
        return ObservableSample(names: names, values: observables.map { $0.evaluate(snapshot) ?? .nan })
    }

    private func observed(_ field: SiteField) -> ObservedField {
        ObservedField(field, field.kind == slabs.kind ? slabs : scalarSlabs, sums)
    }
}
