import Electrons
import Foundation
import LatticeNumerics
import Lattices

extension Benchmark {
    /// Selected inversion of hot configurations, and LAPACK's diagonalization of the smaller two of them.
    ///
    /// Operations: eight for each complex multiply–add of elimination and inversion and each pole, those of the lanes that
    /// compute a symmetric element twice not counted. The diagonalization, densities included, may use all threads in one of
    /// two ways: OpenBLAS on all of them, or one matrix on each; the ratio is that to the faster.
    static let selectedInversion = Benchmark(
        name: "selected-inversion", summary: "exact electrons by selected inversion, and by diagonalization"
    ) { session in
        var trials: [Int: SelectedInversionTrial.Times] = [:]
        for side in [40, 64, 100, 200] {
            let trial = try SelectedInversionTrial(session, side: side)
            try trial.stateMemory()
            let times = try trial.time()
            trials[side] = times
            if side <= 64 { try trial.compareWithDiagonalization(times.best.last!) }
        }
        let (small, large) = (trials[100]!, trials[200]!)
        session.state("operations from 100² to 200²: N to the power of", log(large.operations / small.operations) / log(4))
        for (index, threads) in session.threadCounts.enumerated() {
            session.state(
                "time on \(threads) threads from 100² to 200²: N to the power of",
                log(large.best[index] / small.best[index]) / log(4))
        }
    }
}

/// Selected inversion of one hot configuration.
private struct SelectedInversionTrial {
    let session: BenchmarkSession
    let side: Int
    let configuration: SiteField

    init(_ session: BenchmarkSession, side: Int) throws {
        self.session = session
        self.side = side
        configuration = try session.recipes[0].configuration(side: side)
    }

    private func solver(threads: Int) -> ElectronicForceField<SelectedInversion> {
        ElectronicForceField(session.model, SelectedInversion(pool: WorkerPool(threads: threads)))
    }

    /// What the first solution needs, and what is allocated by those after it.
    func stateMemory() throws {
        let solver = solver(threads: session.threads)
        let before = ProcessMemory.resident
        ProcessMemory.resetPeak()
        let state = try solver.solve(configuration)
        session.state("\(side)², memory beside that of the program, at most", (ProcessMemory.peak - before) / 0x1p20, unit: "MiB")
        session.state("\(side)², estimated error of a density", state.errorEstimate ?? .nan)

        let repetitions = 3
        _ = try solver.solve(configuration)
        let (resident, touched) = (ProcessMemory.resident, ProcessMemory.touched)
        for _ in 0..<repetitions { _ = try solver.solve(configuration) }
        let kept = (ProcessMemory.resident - resident) / Double(repetitions)
        let fresh = (ProcessMemory.touched - touched) / Double(repetitions)
        session.state("\(side)², memory a repeated solution keeps", kept / 0x1p10, unit: "KiB")
        session.state("\(side)², memory a repeated solution touches first, its result included", fresh / 0x1p10, unit: "KiB")
    }

    /// What one solution takes.
    struct Times {
        let operations: Double
        /// In seconds, on one thread and on all.
        let best: [Double]
    }

    func time() throws -> Times {
        let state = try solver(threads: 1).solve(configuration)
        let operations = try SelectedInversion().operations(
            session.model.tightBinding(at: configuration), temperature: session.model.temperature,
            chemicalPotential: state.chemicalPotential)
        session.state("\(side)², max |ε − μ|/k_BT", operations.bound)
        session.state("\(side)², poles", Double(operations.poles))
        let sites = configuration.supercell.siteCount
        let work = Work(sites: sites, operations: operations.count, precision: .float64)
        let best = try session.threadCounts.map { threads in
            let solver = solver(threads: threads)
            return try session.time("\(side)², selected inversion", threads: threads, work: work) {
                _ = try solver.solve(configuration)
            }.best
        }
        return Times(operations: operations.count, best: best)
    }

    /// The smaller lattice's diagonalizations are repeated; the larger one's, which take long, are timed once.
    ///
    /// - Parameter seconds: of selected inversion on all threads.
    func compareWithDiagonalization(_ seconds: Double) throws {
        let (configuration, threads, pool) = (configuration, session.threads, WorkerPool(threads: session.threads))
        let solver = ElectronicForceField(session.model, ExactDiagonalization())
        let density = try self.solver(threads: threads).solve(configuration).density
        let exact = try solver.solve(configuration).density
        let error = zip(density.values, exact.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
        session.state("\(side)², largest difference of their forces", (session.model.onsiteForce?.factor ?? 0) * error)

        let sites = exact.values.count
        let repetition: Measurement.Repetition = side <= 48 ? .warm : .once
        func time(_ name: String, matrices: Int, _ body: () throws -> Void) throws -> Double {
            let operations = 14 / 3 * pow(Double(sites), 3) * Double(matrices)
            let work = Work(sites: sites * matrices, operations: operations, precision: .float64)
            let name = "\(side)², diagonalization, \(name)"
            return try session.time(name, threads: threads, work: work, repetition: repetition, body).best / Double(matrices)
        }
        // Every workspace that is made keeps OpenBLAS to one thread, so it is let loose again in every call.
        let together = try time("OpenBLAS's threads", matrices: 1) {
            _ = try BLAS.withThreads(threads) { try solver.solve(configuration) }
        }
        let each = try time("one a thread", matrices: threads) {
            try pool.tryForEach(count: threads) { _, _ in _ = try solver.solve(configuration) }
        }
        session.state("\(side)², selected inversion is faster by a factor of", min(together, each) / seconds)
    }
}
