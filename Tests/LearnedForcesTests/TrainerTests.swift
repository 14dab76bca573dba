import Communication
import LatticeNumerics
import Lattices
import LearnedForces
import Testing
import Training

@Suite struct TrainerTests {
    /// A local odd force that a small network can learn: F_i = tanh(Q_i + Σ_nn Q_j/4).
    static func samples(_ supercell: Supercell, seeds: Range<UInt64>) -> ForceSamples {
        let neighbors = supercell.neighborTable()
        let displacements = seeds.map { randomField(supercell, scale: 1, seed: $0) }
        let targets = displacements.map { field in
            SiteField(
                supercell,
                values: (0..<supercell.siteCount).map { site in
                    let argument = field[site] + neighbors.reduce(0) { $0 + field[Int($1[site])] } / 4
                    return argument / (1 + argument * argument).squareRoot()
                })
        }
        return forceSamples(displacements, targets)
    }

    func trainer(
        threads: Int = 1, communicator: any Communicator = SingleProcess(),
        _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> Trainer {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [10, 10])
        let data = TrainingSet(
            training: Self.samples(supercell, seeds: 20..<28), validation: Self.samples(supercell, seeds: 30..<32))
        var network = try FullyConnectedNetwork(FullyConnectedArchitecture(radiusSquared: 2, widths: [6, 4]), lattice: square)
        network.normalize(data.training)
        var options = TrainingOptions()
        options.epochs = 12
        options.batchSize = 100
        options.warmupSteps = 10
        options.learningRate = 1e-2
        options.averageDecay = 0.9
        change(&options)
        return try Trainer(
            model: network, data: data, options: options, seed: 9, pool: WorkerPool(threads: threads), communicator: communicator)
    }

    func run(_ trainer: Trainer, from start: TrainingState? = nil) throws -> TrainingState {
        var state = start ?? TrainingState(parameters: trainer.model.initialParameters(seed: 3))
        while !trainer.isFinished(state) { _ = try trainer.runEpoch(&state) }
        return state
    }

    /// Batches of up to 8 pieces over up to 11 ranks, then the finish; every rank has the state of one alone.
    @Test(arguments: [2, 3, 4, 11]) func hasTheSameBitsForAnyRanks(_ ranks: Int) throws {
        @Sendable func trained(_ communicator: any Communicator) throws -> TrainingState {
            let trainer = try trainer(communicator: communicator) {
                $0.epochs = 3
                $0.finishEpochs = 2
                $0.batchSize = 300
                $0.precision = .float32
            }
            return try run(trainer)
        }
        let alone = try trained(SingleProcess())
        #expect(alone.history.count == 5)
        let states = try ThreadCommunicator.run(ranks: ranks) { try trained($0) }
        #expect(states == [TrainingState](repeating: alone, count: ranks))
    }

    @Test func anInterruptionOfOneRankIsOneOfAll() throws {
        let completed = try ThreadCommunicator.run(ranks: 3) { communicator in
            let trainer = try trainer(communicator: communicator)
            var state = TrainingState(parameters: trainer.model.initialParameters(seed: 3))
            return try trainer.runEpoch(&state) { sites, _ in communicator.rank != 1 || sites < 300 }
        }
        #expect(completed == [false, false, false])
    }

    @Test(arguments: TrainingOptions.Batch.allCases, TrainingOptions.Schedule.allCases)
    func learns(_ batch: TrainingOptions.Batch, _ schedule: TrainingOptions.Schedule) throws {
        let trainer = try trainer {
            $0.batch = batch
            $0.schedule = schedule
            if batch == .configurations { $0.batchSize = 1 }
        }
        let state = try run(trainer)
        #expect(state.history.count == 12)
        #expect(
            state.bestError < 0.3 * state.history[0].validationError, "\(state.bestError) of \(state.history[0].validationError)")
        let validation = try Self.samples(Supercell(squareLattice(), size: [10, 10]), seeds: 30..<32)
        let error = try trainer.errors(of: state.best, on: validation).rootMeanSquare
        #expect(error == state.bestError)
    }

    @Test func hasTheSameBitsForAnyThreadsAndAcrossInterruption() throws {
        let whole = try run(try trainer())
        #expect(try run(try trainer(threads: 3)) == whole)
        // Five epochs, an abandoned one, and the rest with a new trainer.
        let first = try trainer()
        var state = TrainingState(parameters: first.model.initialParameters(seed: 3))
        for _ in 0..<5 { #expect(try first.runEpoch(&state)) }
        let before = state
        #expect(try !first.runEpoch(&state) { sites, _ in sites < 300 })
        #expect(state == before)
        #expect(try run(try trainer(), from: state) == whole)
    }

    /// In 40 steps of a removal: the smallest w²⟨g²⟩ are zero, so many as the cubic law says, and stay so.
    @Test func removalTakesTheLeastImportant() throws {
        let candidates = Array(3..<103)
        var state = TrainingState(parameters: (0..<110).map { 1 + Double(($0 * 37) % 110) })
        state.optimizer = Adam(
            firstMoment: .init(repeating: 1, count: 110), secondMoment: (0..<110).map { $0 % 2 == 0 ? 1 : 1e-8 }, step: 1)
        let importance = zip(state.parameters, state.optimizer.secondMoment).map { $0 * $0 * $1 }
        let order = candidates.sorted { importance[$0] < importance[$1] }
        var removal = ParameterRemoval(candidates, 0.7, from: state.parameters)
        for step in 1...40 {
            removal.advance(&state, to: step, of: 40)
            let rest = 1 - Double(step) / 40
            let count = Int((70 * (1 - rest * rest * rest)).rounded())
            #expect(Set(state.parameters.indices.filter { state.parameters[$0] == 0 }) == Set(order.prefix(count)))
            // The second of two epochs knows the state alone.
            if step == 20 {
                removal.finish(&state)
                removal = ParameterRemoval(candidates, 0.7, from: state.parameters)
            }
            // An update moves all of them.
            if step < 40 { for k in state.parameters.indices { state.parameters[k] += 1e-3 } }
        }
        removal.finish(&state)
        for k in order.prefix(70) { #expect(state.optimizer.secondMoment[k] == 0 && state.average[k] == 0) }
        #expect(state.optimizer.firstMoment.count { $0 == 1 } == 40)
    }

    /// The couplings that are left are trained, the others stay zero, through the finish; the best are of these epochs. The bits are
    /// the same for threads and across interruptions before and after the removal.
    @Test func trainsWhatIsLeft() throws {
        func sparse(threads: Int = 1) throws -> Trainer {
            try self.trainer(threads: threads) {
                $0.sparsity = 0.8
                $0.sparsityEpoch = 4
                $0.finishEpochs = 2
            }
        }
        let trainer = try sparse()
        let whole = try run(trainer)
        let couplings = trainer.model.removable.joined()
        let left = couplings.filter { whole.best[$0] != 0 }
        #expect(left.count == couplings.count - Int((0.8 * Double(couplings.count)).rounded()))
        #expect(couplings.filter { whole.parameters[$0] != 0 } == left)
        let best = try #require(trainer.bestEpoch(whole))
        #expect(best.epoch >= 4)
        #expect(best.validationError < 0.5 * whole.history[0].validationError)
        #expect(try run(try sparse(threads: 3)) == whole)
        for epochs in [2, 4, 7] {
            let first = try sparse()
            var state = TrainingState(parameters: first.model.initialParameters(seed: 3))
            for _ in 0..<epochs { _ = try first.runEpoch(&state) }
            #expect(try run(try sparse(), from: state) == whole)
        }
    }

    @Test func plateauReducesTheRateAndStopsEarly() throws {
        // A rate of zero never improves.
        let trainer = try trainer {
            $0.schedule = .reduceOnPlateau
            $0.learningRate = 1e-300
            $0.minimumLearningRate = 0
            $0.warmupSteps = 0
            $0.plateauPatience = 1
            $0.averageDecay = 0
            $0.earlyStoppingPatience = 5
        }
        let state = try run(trainer)
        #expect(state.history.count == 6)
        #expect(state.plateauReduction == 0.25)
        #expect(state.history.last!.learningRate < state.history.first!.learningRate)
    }

    @Test func divergenceIsNamedAndLeavesTheState() throws {
        let trainer = try trainer {
            $0.learningRate = 1e300
            $0.gradientClip = 0
            $0.warmupSteps = 0
        }
        var state = TrainingState(parameters: trainer.model.initialParameters(seed: 3))
        let before = state
        #expect(throws: TrainingError.self) { while true { _ = try trainer.runEpoch(&state) } }
        #expect(state == before)
    }

    @Test func clippingBoundsTheFirstStep() throws {
        // With clipping the direction is kept: Adam's first step does not see the length, the moments do.
        let trainer = try trainer { $0.gradientClip = 1e-3 }
        var state = TrainingState(parameters: trainer.model.initialParameters(seed: 3))
        _ = try trainer.runEpoch(&state)
        let norm = state.optimizer.firstMoment.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(norm <= 1e-3 * 1.0001 && norm > 0)
    }
}
