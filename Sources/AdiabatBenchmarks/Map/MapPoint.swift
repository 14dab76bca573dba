/// A candidate on the map.
struct MapPoint: Encodable {
    /// What a learned model took, and how it compares.
    struct Learning: Encodable {
        let parameters: Int
        let multiplyAdds: Int
        let epochs: Int
        let trainingSeconds: Double
        /// Of the training, and of making its data.
        let totalSeconds: Double
        /// The lowest error of a local diagonalization that takes as long, in units of its own; nil if none is as fast.
        var advantage: Double?
        /// Error and time of the published architecture, in units of its own; nil without that.
        var publishedError: Double?
        var publishedTime: Double?
    }

    let name: String
    let family: String
    /// Whether it is a local diagonalization.
    let isLocal: Bool
    let precision: Precision
    /// g of the model.
    let coupling: Double
    /// Of the electronic force.
    let error: ErrorSummary
    /// ‖J − Jᵀ‖/‖J + Jᵀ‖ of the Jacobian of the force, in double precision.
    let nonConservative: Double
    /// Sites of the lattice the times are for.
    let sites: Int
    /// Per force, on one thread and on all of them.
    let secondsOnOneThread: Double
    let secondsOnAllThreads: Double
    let threads: Int
    /// Whether the times are those of a smaller lattice, scaled.
    let isExtrapolated: Bool
    /// Of a learned model.
    var learning: Learning?

    /// Whether its error is that of the reference.
    var isReference: Bool { !isLocal && learning == nil }

    /// On all threads.
    var secondsPerSite: Double { secondsOnAllThreads / Double(sites) }
}
