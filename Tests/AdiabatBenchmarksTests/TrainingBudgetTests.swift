import AdiabatBenchmarks
import Testing

@Suite struct TrainingBudgetTests {
    private let budget = TrainingBudget(seconds: 100)

    @Test func epochsFillTheTime() {
        #expect(budget.epochs(done: 2, elapsed: 10, secondsPerEpoch: 3, finish: 0) == 32)
        // Each step of the finish takes the time of two epochs.
        #expect(budget.epochs(done: 2, elapsed: 10, secondsPerEpoch: 3, finish: 5) == 22)
    }

    @Test func timeThatIsSpentLeavesNoEpochs() {
        #expect(budget.epochs(done: 1, elapsed: 200, secondsPerEpoch: 150, finish: 0) == 1)
    }

    @Test func leastSquaresTakeWhatTheyCanAfford() {
        #expect(budget.configurations(of: 500, parameters: 99, secondsPerForce: 1e-3) == 100)
        #expect(budget.configurations(of: 50, parameters: 99, secondsPerForce: 1e-3) == 50)
        #expect(budget.configurations(of: 500, parameters: 99, secondsPerForce: 1) == 8)
    }

    @Test func convergedWhenThreeStepsGainNothing() {
        #expect(!TrainingBudget.isConverged(losses: [1, 0.5, 0.4]))
        #expect(!TrainingBudget.isConverged(losses: [1, 0.5, 0.499, 0.498, 0.497]))
        #expect(TrainingBudget.isConverged(losses: [1, 0.5, 0.4999, 0.4998, 0.4997]))
    }
}
