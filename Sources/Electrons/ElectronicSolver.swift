import LatticeNumerics
import Lattices
import Models
import Synchronization

/// A way to find the equilibrium state of the electrons of a Hamiltonian, exact or approximate.
///
/// It sees elements of H and a reservoir, never a model and never the configuration. One instance may be used from several threads at
/// once, and its result depends on its arguments alone.
public protocol ElectronicSolver: Sendable {
    /// The name recipes and the command line choose the solver by, such as `exact-diagonalization`.
    static var name: String { get }

    /// The state of electrons of one spin.
    ///
    /// - Parameters:
    ///   - h: the Hamiltonian.
    ///   - reservoir: k_BT with μ or filling.
    ///   - wanted: elements of the density matrix.
    /// - Throws: ``ElectronicStructureError`` for an energy that is not finite and for elements that the solver does not take, and
    ///   whatever keeps this solver from a result.
    func solve(_ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements) throws -> ElectronicState

    /// How far, in cells along any direction, the density matrix of a site depends on elements of H at given μ; nil if it depends on
    /// all of them, as it does for a solver of the whole lattice.
    ///
    /// On a shorter lattice the surroundings wrap around: the solver finds the density of the infinite lattice that repeats the
    /// configuration.
    func surroundings(on lattice: Lattice) -> Int?

    /// The solver that dynamics uses at a step, see `ForceField/atStep(_:seed:)`; by default the solver itself.
    func atStep(_ step: Int, seed: UInt64) -> Self
}

/// A solver that also finds the potential, so that its forces are known to be the gradient of something.
public protocol PotentialSolver: ElectronicSolver {
    /// The electrons' state with ``ElectronicState/potential``.
    func solveWithPotential(_ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements) throws -> ElectronicState
}

extension PotentialSolver {
    public func solve(_ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements) throws -> ElectronicState {
        try solveWithPotential(h, reservoir, wanted: wanted)
    }
}

extension ElectronicSolver {
    public func surroundings(on lattice: Lattice) -> Int? { nil }

    public func atStep(_ step: Int, seed: UInt64) -> Self { self }

    /// The Hamiltonian as a solver of one real orbital a site and uniform bonds sees it.
    ///
    /// - Parameter shells: whether the solver takes shells of different elements.
    /// - Throws: ``ElectronicStructureError/elementsNotTaken(solver:)``.
    func uniform(_ h: TightBinding, shells: Bool = false) throws -> UniformTightBinding {
        guard let uniform = h.uniform, shells || uniform.isSameOnAllBonds else {
            throw ElectronicStructureError.elementsNotTaken(solver: Self.name)
        }
        return uniform
    }

    /// Checks that densities are from 0 to 1 and, at fixed filling, add up to the filling.
    ///
    /// - Parameters:
    ///   - state: the result of the solver.
    ///   - reservoir: whose filling it has.
    ///   - density: how far a density may be outside 0…1, by the error of the solver.
    ///   - filling: how far the mean density may be from the filling.
    /// - Throws: ``ElectronicStructureError/impossibleDensity(solver:site:cell:value:tolerance:)`` and
    ///   ``ElectronicStructureError/fillingNotMet(_:solver:found:tolerance:)``.
    func validated(
        _ state: ElectronicState, _ reservoir: Reservoir, density tolerance: Double, filling fillingTolerance: Double
    ) throws -> ElectronicState {
        let supercell = state.density.supercell
        // A number that is not finite exceeds every tolerance.
        if let site = state.density.values.firstIndex(where: { !($0.isFinite && abs($0 - 0.5) <= 0.5 + tolerance) }) {
            throw ElectronicStructureError.impossibleDensity(
                solver: Self.name, site: site, cell: supercell.cell(of: site), value: state.density[site], tolerance: tolerance)
        }
        if case .filling(let filling) = reservoir.particles {
            let found = state.electrons / Double(supercell.siteCount)
            guard abs(found - filling) <= fillingTolerance else {
                throw ElectronicStructureError.fillingNotMet(
                    filling, solver: Self.name, found: found, tolerance: fillingTolerance)
            }
        }
        return state
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
