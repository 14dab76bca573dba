import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Models

extension MapCandidate {
    /// The solvers without an error of their own.
    static func exact(_ model: AdiabaticModel) -> [MapCandidate] {
        let diagonalization = MapCandidate(
            name: "diagonalization", family: "diagonalization", kind: .exact, precision: .float64,
            timing: .extrapolated(side: 40, exponent: 3)
        ) { _, _, pool in
            ThreadedDiagonalization(electrons: ElectronicForceField(model, ExactDiagonalization()), threads: pool.threads)
        }
        let inversion = MapCandidate(
            name: "selected inversion", family: "selected inversion", kind: .exact, precision: .float64
        ) { _, _, pool in ElectronicForceField(model, SelectedInversion(pool: pool)) }
        return [diagonalization, inversion]
    }
}

/// Diagonalization with the threads of OpenBLAS itself, from the second call on a supercell on.
private struct ThreadedDiagonalization: ForceField {
    let electrons: ElectronicForceField<ExactDiagonalization>
    let threads: Int

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces = try BLAS.withThreads(threads) { try electrons.forces(at: displacement) }
    }
}
