import LatticeNumerics
import Lattices
import Models

extension LocalDiagonalization {
    /// What one choice of options costs, and how far its forces are from the reference.
    public struct Measurement: Sendable, Equatable {
        /// The choice.
        public let options: Options
        /// Real additions, multiplications and divisions per site.
        public let operations: Double
        /// The root mean square of g·(n_i − n_i^reference), over all sites of all probes.
        public let rmsError: Double
        /// 99 of 100 sites have an error of at most this.
        public let percentile99: Double
    }

    /// The cheapest options whose electronic force g (n_i − ½) has an rms error of at most `accuracy` on probes.
    ///
    /// Patches of radius 0…6 with 0…4 levels, such patches that are smaller at higher poles, and blocks with a buffer of up to 8
    /// cells are tried in the order of their cost. The cost is counted in operations and not measured in time,
    /// so that the choice is reproducible. The poles are given a tenth of the accuracy.
    ///
    /// - Parameters:
    ///   - accuracy: of the force, in energy per displacement.
    ///   - model: with k_BT > 0, whose force follows from the density of each site.
    ///   - probes: configurations like those it will be used on; the error depends much on how disordered they are.
    ///   - reference: the density the errors are counted from, from a more exact solver.
    ///   - pool: the threads of one solution.
    /// - Returns: the options with what was measured, and all that was tried, the chosen last.
    /// - Throws: ``LocalDiagonalizationError``, and what the solver and `reference` throw.
    public static func cheapest(
        meeting accuracy: Double, model: AdiabaticModel, probes: [SiteField], pool: WorkerPool = WorkerPool(threads: 1),
        reference: (SiteField) throws -> SiteField
    ) throws -> (options: Options, measurement: Measurement, tried: [Measurement]) {
        guard accuracy > 0, accuracy.isFinite else { throw LocalDiagonalizationError.impossibleAccuracy(accuracy) }
        guard let first = probes.first else { throw LocalDiagonalizationError.noProbes }
        let densities = try probes.map(reference)
        var tried: [Measurement] = []
        let candidates = candidates(meeting: accuracy, slope: slope(model), supercell: first.supercell)
        let heights = try probes.flatMap { try candidates[0].heights(at: $0, model: model) }
        for var candidate in sorted(candidates, byCostOn: first.supercell, heights: heights) {
            func measured() throws -> Measurement {
                try measure(candidate, model: model, probes: probes, densities: densities, pool: pool)
            }
            let measurement: Measurement
            do {
                measurement = try measured()
            } catch ElectronicStructureError.temperatureTooLow where candidate.precision == .single {
                candidate.precision = .double
                measurement = try measured()
            } catch ElectronicStructureError.impossibleDensity {
                continue
            }
            tried.append(measurement)
            if measurement.rmsError <= accuracy { return (candidate, measurement, tried) }
        }
        throw LocalDiagonalizationError.accuracyNotMet(accuracy, tried: tried)
    }

    /// The error and the cost of one choice of options.
    ///
    /// - Parameters:
    ///   - options: the choice.
    ///   - model: with k_BT > 0, whose force follows from the density of each site.
    ///   - probes: at least one configuration, all on one lattice.
    ///   - densities: of the probes, from a more exact solver.
    ///   - pool: the threads of one solution.
    /// - Throws: what ``solve(_:)`` throws.
    public static func measure(
        _ options: Options, model: AdiabaticModel, probes: [SiteField], densities: [SiteField],
        pool: WorkerPool = WorkerPool(threads: 1)
    ) throws -> Measurement {
        precondition(!probes.isEmpty && probes.count == densities.count, "a density for every probe")
        let solver = ElectronicForceField(model, LocalDiagonalization(options: options, pool: pool))
        let slope = slope(model)
        var errors: [Double] = []
        var operations = 0.0
        for (probe, density) in zip(probes, densities) {
            for (found, exact) in zip(try solver.solve(probe).density.values, density.values) {
                errors.append(abs(slope * (found - exact)))
            }
            operations += options.operations(on: probe.supercell, heights: try options.heights(at: probe, model: model))
        }
        errors.sort()
        return Measurement(
            options: options, operations: operations / Double(probes.count),
            rmsError: (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot(),
            percentile99: errors[(errors.count * 99 + 99) / 100 - 1])
    }

    /// ∂F/∂n of a model.
    private static func slope(_ model: AdiabaticModel) -> Double {
        guard let force = model.onsiteForce else { preconditionFailure("a force that follows from the density of its site") }
        return force.factor
    }

    /// Options that may meet an accuracy.
    private static func candidates(meeting accuracy: Double, slope: Double, supercell: Supercell) -> [Options] {
        let density = max(accuracy / max(abs(slope), 1e-300) / 10, 1e-12)
        func candidate(core: Int, radius: Int, smallerFrom heights: [Double] = [], levels: Int) -> Options {
            Options(
                core: core, radius: radius, smallerFrom: heights, levels: levels, poleTolerance: min(density, 1e-2),
                precision: density > 1e-7 ? .single : .double)
        }
        let patches = (0...6).flatMap { radius in (0...4).map { candidate(core: 1, radius: radius, levels: $0) } }
        let tapered = (2...6).flatMap { radius in
            PatchRadii.triedHeights.map { candidate(core: 1, radius: radius, smallerFrom: $0, levels: 2) }
        }
        // Where a block reaches around the probe it would be exact there, and not on larger lattices.
        let blocks = (supercell.lattice.dimension < 3 ? [3, 6, 12] : [4]).flatMap { core in
            (1...(core > 6 ? 8 : 6)).filter { radius in supercell.size.allSatisfy { core + 2 * radius < $0 } }
                .map { candidate(core: core, radius: $0, levels: 2) }
        }
        return patches + tapered + blocks
    }

    private static func sorted(_ candidates: [Options], byCostOn supercell: Supercell, heights: [Double]) -> [Options] {
        candidates.map { ($0, $0.cost(on: supercell, heights: heights)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}

extension LocalDiagonalization.Options {
    /// η of the poles for a configuration, in units of the hopping.
    fileprivate func heights(at displacement: SiteField, model: AdiabaticModel) throws -> [Double] {
        guard let h = try model.tightBinding(at: displacement).uniform, h.isSameOnAllBonds else { return [] }
        let expansion = try poleChoice.expansion(
            energy: SpectrumBounds(h).distance(from: 0), h, temperature: model.temperature,
            isSinglePrecision: precision == .single)
        return expansion?.poles.map { $0 * model.temperature / abs(h.hopping) } ?? []
    }

    /// Real operations per site for poles at some heights.
    fileprivate func operations(on supercell: Supercell, heights: [Double]) -> Double {
        if usesBlocks(on: supercell, corrected: false) {
            return Double(heights.count) * BlockWorkspace<SIMD16<Float>>.operations(supercell, core: core, radius: radius)
        }
        return operations(on: supercell.lattice, heights: heights)
    }

    /// What decides between options: the operations, of which small fronts take twice as long, as measured.
    fileprivate func cost(on supercell: Supercell, heights: [Double]) -> Double {
        operations(on: supercell, heights: heights) * (usesBlocks(on: supercell, corrected: false) ? 2 : 1)
    }
}
