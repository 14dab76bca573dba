import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices

extension MapCandidate {
    /// The solvers without an error of their own.
    static func exact(_ model: HolsteinModel) -> [MapCandidate] {
        let diagonalization = MapCandidate(
            name: "diagonalization", family: "diagonalization", kind: .exact, precision: .float64,
            timing: .extrapolated(side: 40, exponent: 3)
        ) { _, _, pool in ThreadedDiagonalization(solver: ExactDiagonalization(model), threads: pool.threads) }
        let inversion = MapCandidate(
            name: "selected inversion", family: "selected inversion", kind: .exact, precision: .float64
        ) { _, _, pool in HolsteinForceField(SelectedInversion(model, pool: pool)) }
        return [diagonalization, inversion]
    }
}

/// Diagonalization with the threads of OpenBLAS itself, from the second call on a supercell on.
private struct ThreadedDiagonalization: ForceField {
    let solver: ExactDiagonalization
    let threads: Int

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces = try BLAS.withThreads(threads) {
            solver.model.electronicForce(from: try solver.solve(displacement).density)
        }
    }
}
