import Electrons
import Foundation
import LatticeNumerics
import Lattices
import Models
import Observables
import Recipes
import Runs

/// Solves the electrons again, in whole configurations or at sampled sites, for what an electronic force should have been.
///
/// At a sampled site the electrons of a patch around it are solved. The patch grows until the force on the site and on those
/// bonded to it changes by no more than the accuracy: correlations fall off exponentially with the distance, so that the
/// last change bounds the error of the last force. A site whose patch would become too large for the solver keeps the last.
package struct ForceAudit: Sendable {
    /// How many sites are solved for.
    package enum Extent: Sendable, Equatable {
        /// All of them, as one system.
        case whole
        /// So many, each in a patch of its own.
        case sampled(Int)
    }

    /// Sites of a configuration that is too large to be solved whole, unless the user says how many.
    static let defaultSites = 256
    /// About so many sites are in the smallest patch; those of the next have a radius larger by `radiusIncrement`.
    private static let smallestPatch = 200
    private static let radiusIncrement = 2

    let model: AdiabaticModel
    let supercell: Supercell
    let solver: SolverName
    package let extent: Extent
    let accuracy: Double
    private let stream: RandomStream
    private let pool: WorkerPool
    /// For whole configurations, on all threads, and for patches, one a thread.
    private let whole: any SolvedElectrons
    private let patches: any SolvedElectrons

    /// - Parameters:
    ///   - settings: the options of the solver.
    ///   - sites: how many sites of a configuration; 0: all if the solver can afford it, else ``defaultSites``.
    ///   - accuracy: the largest change of the force with the radius of a patch.
    ///   - seed: of the choice of sites.
    /// - Throws: ``AuditError/sitesAtFixedFilling(sites:)`` and ``AuditError/tooManySites(_:solver:limit:)``.
    package init(
        _ model: AdiabaticModel, on supercell: Supercell, solver: SolverName, settings: SolverSettings = SolverSettings(),
        sites: Int, accuracy: Double, seed: UInt64, pool: WorkerPool
    ) throws {
        self.model = model
        self.supercell = supercell
        self.solver = solver
        self.accuracy = accuracy
        self.pool = pool
        extent = try Self.extent(model, supercell, solver, sites)
        stream = RandomStream(seed: seed, purpose: .splitting)
        whole = solver.solver(model, settings: settings, pool: pool)
        patches = solver.solver(model, settings: settings, pool: WorkerPool(threads: 1))
    }

    /// How many forces an audit compares.
    var siteCount: Int {
        switch extent {
        case .whole: supercell.siteCount
        case .sampled(let count): count
        }
    }

    /// What an audit of `sites` sites solves for; 0: all if the solver can afford it, else ``defaultSites``.
    ///
    /// - Throws: ``AuditError/sitesAtFixedFilling(sites:)`` and ``AuditError/tooManySites(_:solver:limit:)``.
    package static func extent(
        _ model: AdiabaticModel, _ supercell: Supercell, _ solver: SolverName, _ sites: Int
    ) throws -> Extent {
        let total = supercell.siteCount
        let isFillingFixed = model.reservoir.isFillingFixed
        let affordable = total <= solver.affordableSites || isFillingFixed ? total : min(total, defaultSites)
        let count = sites > 0 ? sites : affordable
        guard count < total else {
            if let limit = solver.maximumSites, total > limit {
                throw AuditError.tooManySites(total, solver: solver, limit: limit)
            }
            return .whole
        }
        guard !isFillingFixed else { throw AuditError.sitesAtFixedFilling(sites: count) }
        return .sampled(count)
    }

    /// Compares an electronic force with the solver's.
    ///
    /// - Parameters:
    ///   - force: the electronic part of the force to be audited, on every site.
    ///   - displacement: the configuration it belongs to.
    ///   - step: another choice of sites for every step.
    ///   - interruption: looked at before every solution.
    ///   - solved: called after every solution, with the number of sites solved for.
    /// - Throws: ``WorkflowInterrupted``, and what the solver throws.
    package func audit(
        _ force: SiteField, at displacement: SiteField, step: Int, interruption: Interruption,
        solved: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> AuditedForces {
        switch extent {
        case .whole:
            try interruption.check()
            let state = try whole.solve(displacement)
            solved(supercell.siteCount)
            return AuditedForces(
                sites: Array(0..<supercell.siteCount), population: supercell.siteCount, components: force.componentCount,
                audited: force.values,
                exact: model.electronicForce(from: state.densityMatrix, at: displacement).values, solverError: error(of: state),
                inaccurateSites: 0)
        case .sampled(let count):
            let sites = ScatteredSites.choose(count, of: supercell, stream: stream, step: step)
            let results = Collected<SiteForce>(count: sites.count)
            try pool.tryForEach(count: sites.count) { index, _ in
                try interruption.check()
                results.set(try siteForce(sites[index], in: displacement), at: index)
                solved(1)
            }
            let forces = results.values
            return AuditedForces(
                sites: sites, population: supercell.siteCount, components: force.componentCount,
                audited: force.values(on: sites), exact: forces.flatMap(\.values),
                solverError: forces.map(\.error).max().flatMap { $0.isFinite ? $0 : nil } ?? .nan,
                inaccurateSites: forces.count { $0.error > accuracy })
        }
    }

    /// The force on one site as patches tell it.
    private struct SiteForce: Sendable {
        let values: [Double]
        /// The last change with the radius, and what the solver itself says of its error.
        let error: Double
    }

    private func siteForce(_ site: Int, in displacement: SiteField) throws -> SiteForce {
        var radius = smallestRadius
        var last = try coreForces(site, in: displacement, radius: radius)
        var change = last.isWhole ? 0 : Double.infinity
        while change > accuracy, patchSites(radius + Self.radiusIncrement) <= solver.affordableSites {
            radius += Self.radiusIncrement
            let next = try coreForces(site, in: displacement, radius: radius)
            change = next.isWhole ? 0 : zip(last.forces, next.forces).map { abs($0 - $1) }.max() ?? 0
            last = next
        }
        // The solver's own error is a part of the uncertainty, not of the convergence with the radius.
        return SiteForce(
            values: Array(last.forces.prefix(displacement.componentCount)),
            error: max(change, last.solverError.isNaN ? 0 : last.solverError))
    }

    private func coreForces(
        _ site: Int, in displacement: SiteField, radius: Int
    ) throws -> (forces: [Double], solverError: Double, isWhole: Bool) {
        let patch = ConfigurationPatch(of: displacement, around: site, radius: radius)
        let state = try patches.solve(patch.displacement)
        let force = model.electronicForce(from: state.densityMatrix, at: patch.displacement)
        return (force.values(on: patch.core), error(of: state), patch.isWhole)
    }

    /// What the solver says of the error of the force; NaN if it says nothing.
    private func error(of state: ElectronicState) -> Double {
        state.errorEstimate.flatMap { error in model.onsiteForce.map { abs($0.factor) * error } } ?? .nan
    }

    private var smallestRadius: Int {
        let longestBond = supercell.lattice.bonds.flatMap { $0.cell.map(abs) }.max() ?? 0
        var radius = max(1, longestBond)
        while patchSites(radius + 1) <= Self.smallestPatch, radius < supercell.size.max()! { radius += 1 }
        return radius
    }

    private func patchSites(_ radius: Int) -> Int {
        supercell.size.reduce(supercell.lattice.basis.count) { $0 * min($1, 2 * radius + 1) }
    }
}

/// Forces of both kinds on the audited sites of one configuration, in units of the hopping per displacement.
package struct AuditedForces: Sendable, Equatable {
    /// In ascending order.
    package let sites: [Int]
    /// Sites of the configuration.
    let population: Int
    /// Numbers a site.
    package let components: Int
    /// The force that is audited, component by component on each of `sites`.
    package let audited: [Double]
    /// The solver's.
    package let exact: [Double]
    /// How far `exact` may be off: the largest over the sites; NaN if nothing is known.
    package let solverError: Double
    /// Sites whose patch could not be made large enough for the accuracy.
    package let inaccurateSites: Int

    /// F̂ − F, component by component on each of `sites`.
    package var errors: [Double] { zip(audited, exact).map { $0 - $1 } }

    /// The standard error of the mean square of the errors from the choice of the sites, √((1 − n/N) s²/n); 0 if it is all of
    /// them.
    var meanSquareError: Double {
        guard sites.count < population else { return 0 }
        let squares = errors.map { $0 * $0 }
        let means = sites.indices.map { site in
            squares[site * components..<(site + 1) * components].reduce(0, +) / Double(components)
        }
        let estimate = Estimate(independent: means)
        return estimate.standardError * (1 - Double(sites.count) / Double(population)).squareRoot()
    }
}

/// A piece of a configuration, cut out around a site, as a configuration of its own with open ends.
///
/// It holds the cells whose coordinates differ from the site's by at most a radius. In a direction in which it would be as long
/// as the configuration it is all of it, with the configuration's ends.
struct ConfigurationPatch {
    /// The displacement on the cut-out.
    let displacement: SiteField
    /// Sites of the cut-out: the one it was cut out around, then those bonded to it, always in the same order.
    let core: [Int]
    /// Whether nothing was cut off.
    let isWhole: Bool

    /// - Parameter radius: not smaller than the longest bond.
    init(of field: SiteField, around site: Int, radius: Int) {
        let whole = field.supercell
        let basis = whole.lattice.basis.count
        let cell = whole.cell(of: site)
        let ranges = whole.size.indices.map { axis -> Range<Int> in
            let side = whole.size[axis]
            if 2 * radius + 1 >= side { return 0..<side }
            let range = cell[axis] - radius..<cell[axis] + radius + 1
            return whole.periodic[axis] ? range : range.clamped(to: 0..<side)
        }
        let sides = ranges.map(\.count)
        let periodic = whole.size.indices.map { whole.periodic[$0] && sides[$0] == whole.size[$0] }
        let supercell: Supercell
        do {
            supercell = try Supercell(whole.lattice, size: sides, periodic: periodic).piece(
                of: whole, at: ranges.map(\.lowerBound))
        } catch { preconditionFailure("a piece of a supercell is one: \(error)") }
        let sources = (0..<supercell.siteCount).map { position in
            let source = zip(supercell.cell(of: position), ranges).map { $0 + $1.lowerBound }
            return whole.site(cell: source, basis: position % basis)
        }
        let center = zip(cell, ranges).map { $0 - $1.lowerBound }
        let bonded = whole.lattice.directedBonds(from: site % basis).compactMap { bond -> Int? in
            let end = zip(center, bond.cell).map { $0 + $1 }
            let exists = end.indices.allSatisfy { periodic[$0] || (0..<sides[$0]).contains(end[$0]) }
            return exists ? supercell.site(cell: end, basis: bond.to) : nil
        }
        displacement = SiteField(supercell, kind: field.kind, values: field.values(on: sources))
        core = [supercell.site(cell: center, basis: site % basis)] + bonded
        isWhole = sides == whole.size
    }
}

/// A choice of sites spread evenly over a supercell, every site as likely as any other.
///
/// Points of the additive recurrence x_n = x_0 + n α mod 1 with α_k = φ^{−k}, where φ is the root above 1 of
/// φ^{d+1} = φ + 1: of low discrepancy in d dimensions, from a random x_0. M. Roberts, *The unreasonable effectiveness of
/// quasirandom sequences* (2018), after H. Niederreiter. A basis adds a dimension.
package enum ScatteredSites {
    /// `count` different sites in ascending order; all of them if there are no more.
    ///
    /// - Parameters:
    ///   - stream: where the start comes from.
    ///   - step: another choice for every step.
    package static func choose(_ count: Int, of supercell: Supercell, stream: RandomStream, step: Int) -> [Int] {
        guard count < supercell.siteCount else { return Array(0..<supercell.siteCount) }
        let sides = supercell.size + (supercell.lattice.basis.count > 1 ? [supercell.lattice.basis.count] : [])
        let increments = increments(dimension: sides.count)
        var point = sides.indices.map { stream.uniform(step: step, index: $0) }
        var chosen = Set<Int>()
        while chosen.count < count {
            let coordinates = zip(point, sides).map { min(Int($0 * Double($1)), $1 - 1) }
            let basis = sides.count > supercell.size.count ? coordinates.last! : 0
            chosen.insert(supercell.site(cell: Array(coordinates.prefix(supercell.size.count)), basis: basis))
            point = zip(point, increments).map { ($0 + $1).truncatingRemainder(dividingBy: 1) }
        }
        return chosen.sorted()
    }

    private static func increments(dimension: Int) -> [Double] {
        // The fixed point of φ = (1 + φ)^{1/(d+1)}, which contracts.
        let root = (0..<64).reduce(2.0) { value, _ in pow(1 + value, 1 / Double(dimension + 1)) }
        return (1...dimension).map { pow(root, -Double($0)) }
    }
}
