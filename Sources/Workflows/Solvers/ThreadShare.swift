import LatticeNumerics

/// How threads are shared out between independent pieces of work and the solutions in each.
///
/// With at least as many pieces as threads each piece keeps to one thread; with fewer, one piece follows the other and its
/// solutions use all threads, if the solver can.
struct ThreadShare {
    /// For the pieces.
    let pieces: WorkerPool
    /// For the solutions in a piece.
    let solution: WorkerPool

    init(pieces count: Int, solver: SolverName, pool: WorkerPool) {
        let isInside = solver.usesThreads && count < pool.threads
        let single = WorkerPool(threads: 1)
        (pieces, solution) = isInside ? (single, pool) : (pool, single)
    }
}
