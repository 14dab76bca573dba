import Dynamics
import Electrons
import LatticeNumerics
import Lattices

extension Benchmark {
    /// Exact diagonalization of hot configurations, one after the other and one on each thread; the time is that of all.
    ///
    /// Operations: (4/3 + 4/3 + 2) N³ = 14/3 N³ for N sites, the reduction to a tridiagonal matrix, its divide and conquer
    /// without deflation, and the way back of the eigenvectors. Deflation saves some of them, so the share of the peak is an
    /// upper limit.
    static let diagonalization = Benchmark(
        name: "diagonalization", summary: "exact electrons, one configuration a thread"
    ) { session in
        let solver = ElectronicForceField(session.model, ExactDiagonalization())
        let hotStart = try session.recipes[0].hotStart()
        for side in [16, 24, 32, 40] {
            let supercell = try Supercell(session.lattice, size: [side, side])
            let configuration = hotStart.displacement(on: supercell, kind: session.model.variable.kind)
            let sites = Double(supercell.siteCount)
            for threads in session.threadCounts {
                let pool = WorkerPool(threads: threads)
                let work = Work(
                    sites: supercell.siteCount * threads, operations: 14 / 3 * sites * sites * sites * Double(threads),
                    precision: .float64)
                try session.time("\(side)², \(threads) at once", threads: threads, work: work) {
                    try pool.tryForEach(count: threads) { _, _ in _ = try solver.solve(configuration) }
                }
            }
        }
    }
}
