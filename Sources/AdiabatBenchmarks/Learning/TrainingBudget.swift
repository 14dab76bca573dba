/// How long a model may be trained, and how many epochs that makes.
package struct TrainingBudget: Codable, Equatable {
    /// On the clock, from the first look at the data to the last epoch.
    package let seconds: Double

    package init(seconds: Double) {
        self.seconds = seconds
    }

    /// A step of the second-order finish evaluates all the data about so often as so many epochs of descent do.
    private static let epochsPerFinishStep = 2.0

    /// The epochs of descent after which the time is spent, so that a schedule can end there.
    ///
    /// - Parameters:
    ///   - done: epochs so far, which took `elapsed` seconds with all that came before them.
    ///   - secondsPerEpoch: of the next ones.
    ///   - finish: steps of the second-order finish that are to follow.
    package func epochs(done: Int, elapsed: Double, secondsPerEpoch: Double, finish: Int) -> Int {
        let left = (seconds - elapsed) / secondsPerEpoch - Self.epochsPerFinishStep * Double(finish)
        return done + max(0, Int(left.rounded(.down)))
    }

    /// The configurations to fit by least squares, of as many as there are, so that the budget holds for some steps: few
    /// parameters need few data.
    ///
    /// - Parameter secondsPerForce: of one configuration; a step takes that for every parameter.
    package func configurations(of count: Int, parameters: Int, secondsPerForce: Double) -> Int {
        let possible = seconds / (Self.stepsOfLeastSquares * Double(parameters + 1) * secondsPerForce)
        return Int(min(Double(count), max(Self.fewestConfigurations, possible)).rounded(.down))
    }

    private static let stepsOfLeastSquares = 10.0
    private static let fewestConfigurations = 8.0

    /// Whether least squares are not worth another step: three in a row have lowered the loss by less than a thousandth.
    package static func isConverged(losses: [Double]) -> Bool {
        guard losses.count > 3 else { return false }
        return losses[losses.count - 1] > 0.999 * losses[losses.count - 4]
    }
}
