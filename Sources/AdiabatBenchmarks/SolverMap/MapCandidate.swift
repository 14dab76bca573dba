import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices

/// A way to find the electronic force, to be placed on the map of error against cost: a solver or a learned model.
struct MapCandidate {
    /// Where the time on the map's lattice is from.
    enum Timing {
        case measured
        /// Measured on side × side sites, and taken to grow as N to the power of `exponent`.
        case extrapolated(side: Int, exponent: Double)
    }

    let name: String
    /// Candidates of one family are joined by a line in the figure.
    let family: String
    /// Of errors and times.
    let precision: Precision
    var timing = Timing.measured
    /// The electronic force on a supercell, in a precision, with the threads of a pool.
    let forceField: (Supercell, Precision, WorkerPool) throws -> any ForceField
}

extension MapCandidate {
    /// Every solver of a model's electrons, the exact ones first.
    static func solvers(_ model: HolsteinModel) -> [MapCandidate] {
        let patches = (0...3).flatMap { levels in (0...6).map { local(model, radius: $0, levels: levels) } }
        let blocks = (1...6).map { local(model, core: 12, radius: $0, levels: 2) }
        return [diagonalization(model), selectedInversion(model)] + patches + blocks
    }

    private static func diagonalization(_ model: HolsteinModel) -> MapCandidate {
        MapCandidate(
            name: "diagonalization", family: "diagonalization", precision: .float64,
            timing: .extrapolated(side: 40, exponent: 3)
        ) { _, _, pool in ThreadedDiagonalization(solver: ExactDiagonalization(model), threads: pool.threads) }
    }

    private static func selectedInversion(_ model: HolsteinModel) -> MapCandidate {
        MapCandidate(name: "selected inversion", family: "selected inversion", precision: .float64) { _, _, pool in
            HolsteinForceField(SelectedInversion(model, pool: pool))
        }
    }

    private static func local(_ model: HolsteinModel, core: Int = 1, radius: Int, levels: Int) -> MapCandidate {
        let ends = levels == 0 ? "open ends" : levels == 1 ? "1 level" : "\(levels) levels"
        // Below 1e-4 neither single precision nor the usual number of poles suffices, and strong coupling leads there.
        let isPrecise = radius > 3 && abs(model.coupling) > 2.5 * abs(model.hopping)
        let kind = core > 1 ? "blocks of \(core)², " : ""
        return MapCandidate(
            name: "\(kind)R = \(radius), \(ends)", family: "local, \(kind)\(ends)", precision: isPrecise ? .float64 : .float32
        ) { _, precision, pool in
            let options = LocalDiagonalization.Options(
                core: core, radius: radius, levels: levels, poleTolerance: isPrecise ? 1e-9 : 1e-5,
                precision: precision == .float32 ? .single : .double)
            return HolsteinForceField(LocalDiagonalization(model, options: options, pool: pool))
        }
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
