import ForceFields
import LatticeNumerics
import Lattices

/// A way to find the electronic force, to be placed on the map of error against cost: a solver or a learned model.
struct MapCandidate {
    /// What it is, which decides what it is compared with.
    enum Kind {
        /// A reference.
        case exact
        /// Local diagonalization, which a learned model of the same cost has to beat.
        case local
        /// A learned model, and what that took.
        case learned(TrainedArchitecture, data: TrainingData)
    }

    /// Where the time on the map's lattice is from.
    enum Timing {
        case measured
        /// Measured on side × side sites, and taken to grow as N to the power of `exponent`.
        case extrapolated(side: Int, exponent: Double)
    }

    let name: String
    /// Candidates of one family are joined by a line in the figure.
    let family: String
    let kind: Kind
    /// Of errors and times.
    let precision: Precision
    var timing = Timing.measured
    /// The electronic force on a supercell, in a precision, with the threads of a pool.
    let forceField: (Supercell, Precision, WorkerPool) throws -> any ForceField
}
