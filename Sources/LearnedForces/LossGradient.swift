import Communication

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
/// A batch is cut into pieces that depend neither on the number of threads nor on that of ranks, and whose gradients are added in
/// order, so the result does not either.
public protocol LossGradient: AnyObject {
    /// - Parameters:
    ///   - parameters: as laid out by the network's `layout`.
    ///   - sites: the batch, in any order.
    ///   - huberThreshold: h in units of the output scale; 0 for the plain square.
    ///   - sum: adds the gradient and, after it, the loss of all ranks' pieces; one number more than there are parameters.
    /// - Returns: loss and gradient of the whole batch, on all ranks.
    func evaluate(
        parameters: [Double], sites: [SampleSite], huberThreshold: Double, sum: OrderedSum
    ) -> (loss: Double, gradient: [Double])
}

extension LossGradient {
    /// The loss on sites and its gradient, by this process alone.
    public func evaluate(
        parameters: [Double], sites: [SampleSite], huberThreshold: Double
    ) -> (loss: Double, gradient: [Double]) {
        evaluate(
            parameters: parameters, sites: sites, huberThreshold: huberThreshold,
            sum: OrderedSum(count: parameters.count + 1, communicator: SingleProcess()))
    }
}
