import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// Error against cost of every candidate for one model: what a learned force field has to be compared with.
struct SolverMap: BenchmarkTable {
    /// The side of the lattice the times are for.
    static let side = 200

    let coupling: Double
    /// √⟨F²⟩ of the exact electronic forces.
    let rootMeanSquareForce: Double
    let rows: [MapPoint]

    /// Measures every candidate.
    ///
    /// - Parameters:
    ///   - quenches: on whose snapshots the errors are taken.
    ///   - configuration: of a given side, to take the times with.
    init(
        _ candidates: [MapCandidate], quenches: HeldOutQuenches, session: BenchmarkSession,
        configuration: (_ side: Int) throws -> SiteField
    ) throws {
        coupling = quenches.model.coupling
        rootMeanSquareForce = quenches.rootMeanSquareForce
        let supercell = quenches.snapshots[0].supercell
        // On one thread, which for all but the diagonalization gives the same bits as many.
        let pool = WorkerPool(threads: 1)
        rows = try candidates.map { candidate in
            let error = try quenches.errors(of: candidate.forceField(supercell, candidate.precision, pool))
            let part = try NonConservativePart(
                of: candidate.forceField(supercell, .float64, pool), at: quenches.snapshots[HeldOutQuenches.steps.count / 2])
            let (measuredSide, scale) =
                switch candidate.timing {
                case .measured: (Self.side, 1.0)
                case .extrapolated(let side, let exponent): (side, pow(Double(Self.side) / Double(side), 2 * exponent))
                }
            let timed = try configuration(measuredSide)
            let seconds = try session.threadCounts.map { threads in
                let forceField = try candidate.forceField(timed.supercell, candidate.precision, WorkerPool(threads: threads))
                var forces = timed
                return try Measurement(repeating: session.seconds) {
                    try forceField.computeForces(at: timed, into: &forces)
                }.best * scale
            }
            return MapPoint(
                benchmark: "solvers", name: candidate.name, family: candidate.family, precision: candidate.precision,
                coupling: quenches.model.coupling, error: error, nonConservative: part.ratio, sites: Self.side * Self.side,
                secondsOnOneThread: seconds[0], secondsOnAllThreads: seconds[seconds.count - 1], threads: session.threads,
                isExtrapolated: measuredSide != Self.side)
        }
    }
}
