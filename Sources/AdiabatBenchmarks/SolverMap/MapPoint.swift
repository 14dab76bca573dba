/// A candidate on the map.
struct MapPoint: Encodable {
    let benchmark: String
    let name: String
    let family: String
    let precision: Precision
    /// g of the model.
    let coupling: Double
    /// Of the electronic force.
    let error: ErrorSummary
    /// ``NonConservativePart/ratio``, in double precision.
    let nonConservative: Double
    /// Sites of the lattice the times are for.
    let sites: Int
    /// Per force, on one thread and on all of them.
    let secondsOnOneThread: Double
    let secondsOnAllThreads: Double
    let threads: Int
    /// Whether the times are those of a smaller lattice, scaled.
    let isExtrapolated: Bool

    /// On all threads.
    var secondsPerSite: Double { secondsOnAllThreads / Double(sites) }
}
