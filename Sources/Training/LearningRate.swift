import Foundation

extension TrainingOptions {
    /// The learning rate of update `step` (from 0) out of `steps`.
    ///
    /// Linear warm-up over `warmupSteps`; then, for ``Schedule/cosine``, η_min + (η − η_min)(1 + cos πt)/2 with t from 0 to 1
    /// over the remaining steps (Loshchilov & Hutter, arXiv:1608.03983); for ``Schedule/reduceOnPlateau``, η times the
    /// reductions so far, at least η_min.
    func learningRate(step: Int, of steps: Int, plateauReduction: Double) -> Double {
        if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
        switch schedule {
        case .reduceOnPlateau:
            return max(minimumLearningRate, learningRate * plateauReduction)
        case .cosine:
            let progress = min(1, Double(step - warmupSteps) / Double(max(1, steps - warmupSteps)))
            return minimumLearningRate + (learningRate - minimumLearningRate) * (1 + cos(.pi * progress)) / 2
        }
    }
}
