import ForceFields
import Foundation
import LatticeNumerics
import Lattices

extension MapCandidate {
    /// The best time of a force on side × side sites, in seconds, on each of the session's numbers of threads.
    ///
    /// - Parameter configuration: of a given side.
    func seconds(
        _ session: BenchmarkSession, on side: Int, _ configuration: (_ side: Int) throws -> SiteField
    ) throws -> [Double] {
        let (measuredSide, scale) =
            switch timing {
            case .measured: (side, 1.0)
            case .extrapolated(let smaller, let exponent): (smaller, pow(Double(side) / Double(smaller), 2 * exponent))
            }
        let timed = try configuration(measuredSide)
        return try session.threadCounts.map { threads in
            let forceField = try forceField(timed.supercell, precision, WorkerPool(threads: threads))
            var forces = timed
            return try Measurement(repeating: session.seconds) { try forceField.computeForces(at: timed, into: &forces) }.best
                * scale
        }
    }
}
