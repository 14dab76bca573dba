import ForceFields
import LatticeNumerics
import Lattices

/// Error against cost of every candidate for one model.
struct ForceMap: BenchmarkTable {
    /// The side of the lattice the times are for.
    static let side = 200
    /// The architecture that others are compared with.
    static let published = "published"

    let coupling: Double
    /// √⟨F²⟩ of the exact electronic forces.
    let rootMeanSquareForce: Double
    private(set) var rows: [MapPoint]

    /// Measures every candidate.
    ///
    /// The times are taken in rounds over all candidates, the best of which counts: the machine's speed changes from minute to
    /// minute, and what is compared should have had the same.
    ///
    /// - Parameters:
    ///   - quenches: on whose snapshots the errors are taken.
    ///   - configuration: of a given side, to take the times with.
    init(
        _ candidates: [MapCandidate], quenches: HeldOutQuenches, session: BenchmarkSession,
        configuration: (_ side: Int) throws -> SiteField
    ) throws {
        coupling = quenches.model["coupling"] ?? 0
        rootMeanSquareForce = quenches.rootMeanSquareForce
        var seconds = candidates.map { _ in session.threadCounts.map { _ in Double.infinity } }
        for round in 1...Self.rounds {
            for (index, candidate) in candidates.enumerated() {
                StandardError.print("  timing \(candidate.name), round \(round)")
                let measured = try candidate.seconds(session, on: Self.side, configuration)
                seconds[index] = zip(seconds[index], measured).map { min($0, $1) }
            }
        }
        rows = try zip(candidates, seconds).map { candidate, seconds in
            StandardError.print("  errors of \(candidate.name)")
            return try MapPoint(candidate, quenches: quenches, seconds: seconds, threads: session.threads)
        }
        compare()
    }

    private static let rounds = 2

    /// Every learned model with local diagonalization of the same cost, and with the published architecture.
    private mutating func compare() {
        let envelope = CostEnvelope(
            rows.filter(\.isLocal).map { .init(cost: $0.secondsPerSite, error: $0.error.rootMeanSquare) })
        let published = rows.first { $0.learning != nil && $0.family == Self.published }
        for index in rows.indices where rows[index].learning != nil {
            let point = rows[index]
            rows[index].learning?.advantage = envelope.error(at: point.secondsPerSite).map { $0 / point.error.rootMeanSquare }
            guard let published else { continue }
            rows[index].learning?.publishedError = published.error.rootMeanSquare / point.error.rootMeanSquare
            rows[index].learning?.publishedTime = published.secondsPerSite / point.secondsPerSite
        }
    }
}

extension MapPoint {
    /// Measures the errors of a candidate.
    ///
    /// - Parameter seconds: of a force on the map's lattice, on one thread and on all.
    fileprivate init(_ candidate: MapCandidate, quenches: HeldOutQuenches, seconds: [Double], threads: Int) throws {
        let supercell = quenches.snapshots[0].supercell
        let pool = WorkerPool(threads: threads)
        let jacobian = try candidate.forceField(supercell, .float64, pool)
            .jacobianAsymmetry(at: quenches.snapshots[HeldOutQuenches.steps.count / 2])
        name = candidate.name
        family = candidate.family
        precision = candidate.precision
        coupling = quenches.model["coupling"] ?? 0
        error = try quenches.errors(of: candidate.forceField(supercell, candidate.precision, pool))
        nonConservative = jacobian.ratio
        sites = ForceMap.side * ForceMap.side
        (secondsOnOneThread, secondsOnAllThreads) = (seconds[0], seconds[seconds.count - 1])
        self.threads = threads
        isExtrapolated = if case .extrapolated = candidate.timing { true } else { false }
        switch candidate.kind {
        case .exact: (isLocal, learning) = (false, nil)
        case .local: (isLocal, learning) = (true, nil)
        case .learned(let trained, let data):
            isLocal = false
            learning = Learning(
                parameters: trained.facts.parameters, multiplyAdds: trained.trained.model.multiplyAdds,
                epochs: trained.facts.epochs, trainingSeconds: trained.facts.seconds,
                totalSeconds: trained.facts.seconds + data.seconds)
        }
    }
}
