/// A site of one of the training configurations.
public struct SampleSite: Sendable, Equatable {
    /// Index of the configuration.
    public let configuration: Int
    /// The site in it.
    public let site: Int

    /// Site `site` of configuration `configuration`.
    public init(configuration: Int, site: Int) {
        self.configuration = configuration
        self.site = site
    }
}

/// The loss of a network on sites of a dataset, and its gradient.
///
///     L = (1/M) Σ ℓ(f − F/scale),     ℓ(r) = r²,  or beyond the threshold h: 2h|r| − h²  (Huber)
///
/// over the M components of the forces of the given sites, f the network's output in units of its output scale.
/// A batch is cut into pieces that do not depend on the number of threads and whose gradients are added in order, so neither does
/// the result.
public protocol LossGradient: AnyObject {
    /// - Parameters:
    ///   - parameters: as laid out by the network's `layout`.
    ///   - sites: the batch, in any order.
    ///   - huberThreshold: h in units of the output scale; 0 for the plain square.
    func evaluate(parameters: [Double], sites: [SampleSite], huberThreshold: Double) -> (loss: Double, gradient: [Double])
}
