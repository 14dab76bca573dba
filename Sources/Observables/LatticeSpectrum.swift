import Communication
import LatticeNumerics
import Lattices

/// Structure factors and correlation functions of fields on one supercell: the Fourier plans, their memory and the
/// geometry, made once. Those of several components are sums over the components.
///
/// The supercell may be spread over ranks. Fields are then those of the domains, every method is called by all ranks, and numbers
/// and radial averages are the same on all of them, bit by bit those of one process. At most 16 bytes a site are kept, and as many again for several components, from the
/// first use on, and 4 bytes by each result. One instance serves one thread at a time; its own threads are those of the pool.
public final class LatticeSpectrum {
    /// The supercell of every field.
    public let supercell: Supercell
    /// +1 and −1 on the sublattices, nil if the supercell frustrates them.
    public var signs: SublatticeSigns? { geometry.signs }
    let geometry: SpectrumGeometry
    private let slabs: RowSlabs
    private lazy var sums = FieldSums(slabs, signs: geometry.signs, pool: geometry.pool)
    private lazy var transform = SlabTransform(geometry.layout, communicator: geometry.communicator, pool: geometry.pool)
    private lazy var momentSums = UnitSums(geometry.layout.columns, communicator: geometry.communicator, count: 2)
    private lazy var shellSums = UnitSums(
        geometry.layout.halfRows, communicator: geometry.communicator, count: correlationShells.count * ShellGrid.sumCount)
    private var correlationShells: ShellGrid { ShellGrid(width: 1, cutoff: geometry.reach) }

    /// For fields of a whole supercell, in one process.
    ///
    /// - Throws: ``ObservablesError`` for a lattice with several sites a cell, or a supercell with open ends.
    public convenience init(
        _ supercell: Supercell, kind: SiteVariable.Kind = .scalar, pool: WorkerPool = WorkerPool(threads: 1)
    ) throws {
        try self.init(RowSlabs(whole: supercell, kind: kind), pool: pool)
    }

    /// For fields of the domains of a supercell that is spread over ranks.
    ///
    /// - Parameters:
    ///   - slabs: brings fields of the domains into slabs.
    ///   - pool: the threads of this rank.
    /// - Throws: ``ObservablesError`` for a lattice with several sites a cell, or a supercell with open ends.
    public init(_ slabs: RowSlabs, pool: WorkerPool) throws {
        self.slabs = slabs
        supercell = slabs.partition.whole
        geometry = try SpectrumGeometry(slabs.partition, communicator: slabs.communicator, pool: pool)
    }

    /// S(q) of the field; its mean is removed.
    ///
    /// - Throws: ``ObservablesError`` unless the field is of the kind of the spectrum and on this supercell.
    public func structureFactor(of field: SiteField) throws -> StructureFactor {
        _ = try transform(field)
        return heldStructureFactor
    }

    /// C(d) of the field without signs; nothing is subtracted.
    ///
    /// - Throws: ``ObservablesError`` unless the field is of the kind of the spectrum and on this supercell.
    public func correlation(of field: SiteField) throws -> CorrelationFunction {
        heldCorrelation(means: try transform(field), isStaggered: false)
    }

    /// The staggered C(d) of the field; nothing is subtracted, so take the mean off a density before.
    ///
    /// - Throws: ``ObservablesError`` unless the field is of the kind of the spectrum and on this supercell, and the supercell has two sublattices.
    public func staggeredCorrelation(of field: SiteField) throws -> CorrelationFunction {
        guard signs != nil else {
            throw ObservablesError(
                key: "supercell", problem: "\(supercell.lattice.name) of size \(supercell.size) has no two sublattices")
        }
        return heldCorrelation(means: try transform(field), isStaggered: true)
    }

    /// S(q) and C(d) of the field, staggered if the supercell has two sublattices, from one Fourier transform.
    ///
    /// - Throws: ``ObservablesError`` unless the field is of the kind of the spectrum and on this supercell.
    public func structureFactorAndCorrelation(of field: SiteField) throws -> (StructureFactor, CorrelationFunction) {
        let means = try transform(field)
        return (heldStructureFactor, heldCorrelation(means: means, isStaggered: signs != nil))
    }

    /// Transforms a field and returns the means of its components.
    private func transform(_ field: SiteField) throws -> [Double] {
        guard field.kind == slabs.kind else {
            throw ObservablesError(key: "kind", problem: "a field of the kind \(field.kind); \(slabs.kind) is needed")
        }
        let local = slabs.domain.local
        guard field.supercell == local else {
            throw ObservablesError(key: "supercell", problem: "a field of size \(field.supercell.size); \(local.size) is needed")
        }
        return withExtendedLifetime(field) {
            let slab = slabs.collect(field)
            let count = field.componentCount
            let means = (0..<count).map { slab.withComponent($0, of: count) { sums.values($0).mean } }
            hold(means: means) { slab.withComponent($0, of: count, $1) }
            return means
        }
    }

    private var heldStructureFactor: StructureFactor { StructureFactor(geometry, transform.power) }

    private func heldCorrelation(means: [Double], isStaggered: Bool) -> CorrelationFunction {
        let rows = geometry.layout.halfRows.items(of: geometry.communicator.rank)
        let length = geometry.layout.rowLength
        let half = [Double](unsafeUninitializedCapacity: rows.count * length) { half, count in
            nonisolated(unsafe) let half = half
            transform.autocorrelation(means: means) { [geometry] _, row, values in
                if isStaggered { geometry.applySigns(to: values, row: row) }
                (half.baseAddress! + (row - rows.lowerBound) * length).initialize(from: values, count: length)
            }
            count = rows.count * length
        }
        return CorrelationFunction(geometry, half: half, isStaggered: isStaggered)
    }
}

// What a sample of observables needs, without keeping any field.
extension LatticeSpectrum {
    /// Transforms a field.
    ///
    /// - Parameters:
    ///   - means: of its components.
    ///   - component: gives the rows of this rank of a component to its second argument.
    func hold(means: [Double], component: (Int, (UnsafeBufferPointer<Double>) -> Void) -> Void) {
        for (k, mean) in means.enumerated() {
            component(k) { transform.forward($0, mean: mean) }
            if means.count > 1 { transform.addPower(isFirst: k == 0) }
        }
    }

    /// ``StructureFactor/domainLength(cutoff:)`` of the field held.
    var heldDomainLength: Double? {
        guard geometry.ordering != nil else { return nil }
        return geometry.domainLength(geometry.moments(of: transform.power, cutoff: geometry.quarterZone, momentSums))
    }

    /// S(Q₀) of the field held.
    var heldOrderingValue: Double? { geometry.orderingValue(of: transform.power) }

    /// ``CorrelationFunction/halfHeightLength`` of the staggered correlation function of the field held.
    func heldCorrelationLength(means: [Double]) -> Double? {
        guard signs != nil else { return nil }
        shellSums.prepare()
        let (geometry, shells) = (geometry, correlationShells)
        nonisolated(unsafe) let sums = shellSums
        transform.autocorrelation(means: means) { unit, row, values in
            geometry.applySigns(to: values, row: row)
            geometry.add(values, row: row, to: sums.partial(ofUnit: unit), of: shells)
        }
        return RadialProfile(sums: shellSums.total()).halfHeightLength
    }
}
