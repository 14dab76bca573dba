import LatticeNumerics
import Lattices
import Synchronization

/// A way to find the electrons' equilibrium state of the Holstein model, exact or approximate.
///
/// One instance may be used from several threads at once. Its result depends on the configuration alone.
public protocol ElectronicSolver: Sendable {
    /// The name recipes and the command line choose the solver by, such as `exact-diagonalization`.
    static var name: String { get }
    /// The parameters whose electrons are solved for.
    var model: HolsteinModel { get }

    /// The electrons' state at the configuration Q, a scalar field of displacements.
    ///
    /// - Throws: ``ElectronicStructureError`` for a displacement that is not finite, and whatever keeps this solver from
    ///   a result.
    func solve(_ displacement: SiteField) throws -> ElectronicState

    /// How far, in cells along any direction, the density of a site depends on displacements at given μ; nil if it depends on all
    /// of them, as it does for a solver of the whole lattice.
    ///
    /// On a shorter lattice the surroundings wrap around: the solver finds the density of the infinite lattice that repeats the
    /// configuration.
    func surroundings(on lattice: Lattice) -> Int?

    /// The solver that dynamics uses at a step, see `ForceField/atStep(_:seed:)`; by default the solver itself.
    func atStep(_ step: Int, seed: UInt64) -> Self
}

/// A solver that also finds the potential, so that its forces are known to be the gradient of something.
public protocol PotentialSolver: ElectronicSolver {
    /// The electrons' state together with the electronic part of the potential, as ``ElectronicState/potential``.
    func solveWithPotential(_ displacement: SiteField) throws -> (state: ElectronicState, potential: Double)
}

extension PotentialSolver {
    public func solve(_ displacement: SiteField) throws -> ElectronicState {
        try solveWithPotential(displacement).state
    }
}

extension ElectronicSolver {
    public func surroundings(on lattice: Lattice) -> Int? { nil }

    public func atStep(_ step: Int, seed: UInt64) -> Self { self }

    /// Checks that densities are from 0 to 1 and, at fixed filling, add up to the filling.
    ///
    /// - Parameters:
    ///   - state: the result of the solver.
    ///   - density: how far a density may be outside 0…1, by the error of the solver.
    ///   - filling: how far the mean density may be from the filling.
    /// - Throws: ``ElectronicStructureError/impossibleDensity(solver:site:cell:value:tolerance:)`` and
    ///   ``ElectronicStructureError/fillingNotMet(_:solver:found:tolerance:)``.
    func validated(_ state: ElectronicState, density tolerance: Double, filling fillingTolerance: Double) throws
        -> ElectronicState
    {
        let supercell = state.density.supercell
        // A number that is not finite exceeds every tolerance.
        if let site = state.density.values.firstIndex(where: { !($0.isFinite && abs($0 - 0.5) <= 0.5 + tolerance) }) {
            throw ElectronicStructureError.impossibleDensity(
                solver: Self.name, site: site, cell: supercell.cell(of: site), value: state.density[site], tolerance: tolerance)
        }
        if case .filling(let filling) = model.reservoir {
            let found = state.electrons / Double(supercell.siteCount)
            guard abs(found - filling) <= fillingTolerance else {
                throw ElectronicStructureError.fillingNotMet(
                    filling, solver: Self.name, found: found, tolerance: fillingTolerance)
            }
        }
        return state
    }

    /// Checks what every solver needs of a configuration.
    ///
    /// - Throws: ``ElectronicStructureError/nonFiniteDisplacement(site:cell:value:)``.
    package func validate(_ displacement: SiteField) throws {
        precondition(displacement.components == .scalar, "a scalar displacement")
        // g = 0 does not hide a displacement that is not finite: 0·∞ and 0·NaN are NaN.
        if let site = displacement.values.firstIndex(where: { !(model.coupling * $0).isFinite }) {
            throw ElectronicStructureError.nonFiniteDisplacement(
                site: site, cell: displacement.supercell.cell(of: site), value: displacement[site])
        }
    }

    /// Checks the displacements in a box, of which the rest may be anything.
    ///
    /// - Throws: ``ElectronicStructureError/nonFiniteDisplacement(site:cell:value:)``.
    func validate(_ displacement: SiteField, in box: CellBox, pool: WorkerPool) throws {
        precondition(displacement.components == .scalar, "a scalar displacement")
        if let site = displacement.firstSite(
            in: box, where: model.coupling, from: 0, exceeds: .greatestFiniteMagnitude, pool: pool)
        {
            throw ElectronicStructureError.nonFiniteDisplacement(
                site: site, cell: displacement.supercell.cell(of: site), value: displacement[site])
        }
    }
}

extension SiteField {
    /// The first site of a box at which |factor·(value − center)| is above the limit or not a number; nil if there is none.
    func firstSite(
        in box: CellBox, where factor: Double, from center: Double, exceeds limit: Double, pool: WorkerPool
    ) -> Int? {
        let (all, basis) = (Coordinates(supercell.size, padding: 1), supercell.lattice.basis.count)
        let (origin, size) = (Coordinates(box.origin, padding: 0), Coordinates(box.size, padding: 1))
        let (count, rows) = (size.x * basis, size.y * size.z)
        // Rows enough that a thread does not come back for more all the time.
        let share = max(1, (1 << 14) / max(1, count))
        // Without the sign, a larger number has a larger pattern of bits, and NaN has the largest.
        let (magnitude, greatest) = (~(-0.0).bitPattern, limit.bitPattern)
        let found = Atomic<Int>(.max)
        values.withUnsafeBufferPointer { values in
            nonisolated(unsafe) let values = values.baseAddress!
            pool.forEach(count: (rows + share - 1) / share) { piece, _ in
                for row in piece * share..<min((piece + 1) * share, rows) {
                    let (y, z) = (origin.y + row % size.y, origin.z + row / size.y)
                    let first = ((z * all.y + y) * all.x + origin.x) * basis
                    var largest: UInt64 = 0
                    for site in first..<first + count {
                        largest = max(largest, (factor * (values[site] - center)).bitPattern & magnitude)
                    }
                    if largest <= greatest { continue }
                    let site = (first..<first + count).first {
                        (factor * (values[$0] - center)).bitPattern & magnitude > greatest
                    }!
                    found.min(site, ordering: .relaxed)
                }
            }
        }
        let site = found.load(ordering: .relaxed)
        return site == .max ? nil : site
    }
}
