import LatticeNumerics
import Lattices

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
        let supercell = displacement.supercell
        let (all, basis) = (Coordinates(supercell.size, padding: 1), supercell.lattice.basis.count)
        let (origin, size) = (Coordinates(box.origin, padding: 0), Coordinates(box.size, padding: 1))
        let (coupling, count, rows) = (model.coupling, size.x * basis, size.y * size.z)
        // Rows enough that a thread does not come back for more all the time.
        let share = max(1, (1 << 14) / max(1, count))
        // A product that is not finite has all bits of its exponent set.
        let exponent = Double.infinity.bitPattern
        try displacement.values.withUnsafeBufferPointer { values in
            nonisolated(unsafe) let values = values.baseAddress!
            try pool.tryForEach(count: (rows + share - 1) / share) { piece, _ in
                for row in piece * share..<min((piece + 1) * share, rows) {
                    let (y, z) = (origin.y + row % size.y, origin.z + row / size.y)
                    let first = ((z * all.y + y) * all.x + origin.x) * basis
                    var largest: UInt64 = 0
                    for site in first..<first + count {
                        largest = max(largest, (coupling * values[site]).bitPattern & exponent)
                    }
                    if largest < exponent { continue }
                    let site = (first..<first + count).first { !(coupling * values[$0]).isFinite }!
                    throw ElectronicStructureError.nonFiniteDisplacement(
                        site: site, cell: supercell.cell(of: site), value: values[site])
                }
            }
        }
    }
}
