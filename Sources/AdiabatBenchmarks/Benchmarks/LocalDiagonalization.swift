import Electrons
import LatticeNumerics

extension Benchmark {
    /// Local diagonalization of a hot configuration of 200² sites, in both precisions and with poles for 1e-5; the map
    /// of `pareto` states how accurate it is.
    static let localDiagonalization = Benchmark(
        name: "local-diagonalization", summary: "approximate electrons from patches that end in trees, on 200² sites"
    ) { session in
        let configuration = try session.recipes[0].configuration(side: 200)
        let work = Work(sites: configuration.supercell.siteCount)
        for (radius, levels) in [(0, 3), (1, 2), (2, 2)] {
            for precision in LocalDiagonalization.Options.Precision.allCases {
                for threads in session.threadCounts {
                    let solver = ElectronicForceField(
                        session.model,
                        LocalDiagonalization(
                            options: .init(radius: radius, levels: levels, poleTolerance: 1e-5, precision: precision),
                            pool: WorkerPool(threads: threads)))
                    try session.time("R = \(radius), \(levels) levels, \(precision)", threads: threads, work: work) {
                        _ = try solver.solve(configuration)
                    }
                }
            }
        }
    }
}
