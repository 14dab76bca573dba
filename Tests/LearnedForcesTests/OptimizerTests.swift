import Communication
import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Testing
import Training

/// F_i = a Q_i/(1 + b² Q_i²) + c Σ_nn Q_j: a model of three parameters, fitted without gradients.
private struct SaturatingModel: ForceModel {
    struct Architecture: NetworkArchitecture {
        static let name = "saturating"
        func model(on lattice: Lattice, kind: SiteVariable.Kind) throws -> any ForceModel { SaturatingModel(lattice: lattice) }
    }

    struct Field: ForceField {
        let parameters: [Double]
        let neighbors: [[Int32]]

        func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
            for site in 0..<displacement.supercell.siteCount {
                let q = displacement[site]
                let sum = neighbors.reduce(0) { $0 + displacement[Int($1[site])] }
                forces[site] = parameters[0] * q / (1 + parameters[1] * parameters[1] * q * q) + parameters[2] * sum
            }
        }
    }

    let lattice: Lattice
    var constants: [String: [Double]] = [:]
    var architecture: any NetworkArchitecture { Architecture() }
    var kind: SiteVariable.Kind { .scalar }
    var layout: ParameterLayout { ParameterLayout([("saturation", [2]), ("neighbors", [1])]) }
    var receptiveField: Int { 1 }
    var multiplyAdds: Int { 8 }

    init(lattice: Lattice) { self.lattice = lattice }

    func initialParameters(seed: UInt64) -> [Double] { [0.3, 0.4, 0] }
    mutating func normalize(_ samples: ForceSamples) throws {}

    func forceField(
        parameters: [Double], conditions: Conditions, supercell: Supercell, singlePrecision: Bool, pool: WorkerPool
    ) throws -> any ForceField { Field(parameters: parameters, neighbors: supercell.neighborTable()) }

    func lossGradient(_ samples: ForceSamples, singlePrecision: Bool, pool: WorkerPool) throws -> any LossGradient {
        throw NetworkError(key: "training.optimizer", problem: "adam; levenberg-marquardt is allowed")
    }
}

@Suite struct OptimizerTests {
    static let truth = [1.3, 0.7, -0.2]

    /// Forces of the model with ``truth``; some of them are wrong by far.
    private func samples(
        _ model: SaturatingModel, seeds: Range<UInt64>, outliers: Bool = false, noise: Double = 0
    ) throws -> ForceSamples {
        let supercells = try [Supercell(model.lattice, size: [6, 6]), Supercell(model.lattice, size: [5, 8])]
        let displacements = seeds.map { randomField(supercells[Int($0) % 2], scale: 2, seed: $0) }
        let forces = try zip(seeds, displacements).map { seed, field in
            var force = try SaturatingModel.Field(parameters: Self.truth, neighbors: field.supercell.neighborTable())
                .forces(at: field)
            if outliers { force[3] += 30 }
            if noise > 0 {
                let errors = randomField(field.supercell, scale: noise, seed: 1000 + seed)
                for site in force.values.indices { force[site] += errors[site] }
            }
            return force
        }
        return forceSamples(displacements, forces)
    }

    private func fit(
        outliers: Bool = false, threads: Int = 1, communicator: any Communicator = SingleProcess(),
        _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> TrainingState {
        try fitted(outliers: outliers, threads: threads, communicator: communicator, change).state
    }

    private func fitted(
        outliers: Bool = false, noise: Double = 0, threads: Int = 1, communicator: any Communicator = SingleProcess(),
        _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> (state: TrainingState, trainer: Trainer) {
        let model = SaturatingModel(lattice: try squareLattice())
        var options = TrainingOptions()
        options.optimizer = .levenbergMarquardt
        options.precision = .float64
        options.epochs = 12
        change(&options)
        let data = TrainingSet(
            training: try samples(model, seeds: 50..<90, outliers: outliers, noise: noise),
            validation: try samples(model, seeds: 90..<94))
        let trainer = try Trainer(
            model: model, data: data, options: options, seed: 1, pool: WorkerPool(threads: threads), communicator: communicator)
        var state = TrainingState(parameters: model.initialParameters(seed: 0))
        while !trainer.isFinished(state) { _ = try trainer.runEpoch(&state) }
        return (state, trainer)
    }

    /// Invariants of A against differences of the forces, with and without a ridge.
    @Test(arguments: [0.0, 1e-2]) func curvatureIsThatOfTheForces(_ ridge: Double) throws {
        let (state, trainer) = try fitted(outliers: true) { $0.ridge = ridge }
        let curvature = try #require(try trainer.curvature(at: state.best))
        let model = SaturatingModel(lattice: try squareLattice())
        let samples = try samples(model, seeds: 50..<90, outliers: true)
        var matrix = [Double](repeating: 0, count: 9)
        for displacement in samples.displacements {
            let neighbors = displacement.supercell.neighborTable()
            let slopes = try (0..<3).map { k in
                let sides = try [1e-5, -1e-5].map { step in
                    var moved = state.best
                    moved[k] += step
                    return try SaturatingModel.Field(parameters: moved, neighbors: neighbors).forces(at: displacement).values
                }
                return zip(sides[0], sides[1]).map { ($0 - $1) / 2e-5 / samples.rootMeanSquareForce }
            }
            for k in 0..<9 { matrix[k] += zip(slopes[k / 3], slopes[k % 3]).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        matrix = matrix.map { $0 / Double(samples.siteCount) }
        let values = curvature.eigenvalues
        #expect(abs(values.reduce(0, +) / (matrix[0] + matrix[4] + matrix[8]) - 1) < 1e-4)
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } / matrix.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        #expect(values == values.sorted() && values[0] > 0 && (curvature.ridge > 0) == (ridge > 0))
        #expect(try fitted(outliers: true, threads: 3) { $0.ridge = ridge }.trainer.curvature(at: state.best) == curvature)
        #expect(try trainer.curvature(at: state.best) { _ in false } == nil)
    }

    /// The spread of the drawn models over the data is a hundredth of their error, of which ν = 3 directions share evenly.
    @Test func drawsSpreadAsTheErrors() throws {
        let (state, trainer) = try fitted(noise: 0.1)
        let curvature = try #require(try trainer.curvature(at: state.best))
        let draws = curvature.draws(2000, around: state.best, seed: 5)
        #expect(draws == curvature.draws(2000, around: state.best, seed: 5))
        #expect(draws[0] != curvature.draws(1, around: state.best, seed: 6)[0])
        let model = SaturatingModel(lattice: try squareLattice())
        let samples = try samples(model, seeds: 50..<90, noise: 0.1)
        func forces(_ parameters: [Double]) throws -> [Double] {
            try model.predictedForces(parameters, on: samples, singlePrecision: false, pool: WorkerPool(threads: 1))
                .flatMap(\.values)
        }
        func square(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        let answer = try forces(state.best)
        let error = square(answer, samples.forces.flatMap(\.values))
        let spread = try draws.prefix(500).reduce(0) { $0 + square(try forces($1), answer) } / 500
        #expect(abs(spread / error / 1e-4 - 1) < 0.1)
        // Along a direction that the data fix the less, parameters differ the more: the trace of their covariance is known.
        let moved = draws.reduce(0) { $0 + square($1, state.best) } / 2000
        let meanSquare = error / Double(samples.siteCount) / (samples.rootMeanSquareForce * samples.rootMeanSquareForce)
        let variance: Double = 1e-4 * meanSquare / 3
        let expected = curvature.eigenvalues.reduce(0) { $0 + variance / $1 }
        #expect(abs(moved / expected - 1) < 0.15)
    }

    @Test func levenbergMarquardtFindsTheParameters() throws {
        let state = try fit()
        #expect(largestDifference(state.best, Self.truth) < 1e-8)
        #expect(zip(state.history, state.history.dropFirst()).allSatisfy { $1.loss <= $0.loss })
        #expect(state.bestError < 1e-8)
    }

    /// The stronger the ridge, the nearer to the start; what the data determine well gives way last.
    @Test func ridgeHoldsParametersAtTheirStart() throws {
        let start = [0.3, 0.4, 0]
        let distances = try [1e-3, 1e3, 1e9].map { ridge in
            largestDifference(try fit { $0.ridge = ridge }.parameters, start)
        }
        #expect(distances[0] > 0.9 && distances[0] < largestDifference(Self.truth, start))
        #expect(distances[1] < distances[0] / 2 && distances[2] < 1e-3)
    }

    @Test func levenbergMarquardtHasTheSameBitsForAnyThreads() throws {
        #expect(try fit(threads: 3) == fit())
    }

    /// With 40 configurations in portions of 32 for each rank.
    @Test(arguments: [2, 3, 5]) func levenbergMarquardtHasTheSameBitsForAnyRanks(_ ranks: Int) throws {
        let alone = try fit { $0.ridge = 1e-3 }
        let states = try ThreadCommunicator.run(ranks: ranks) { communicator in
            try fit(communicator: communicator) { $0.ridge = 1e-3 }
        }
        #expect(states == [TrainingState](repeating: alone, count: ranks))
    }

    /// One site in 36 is wrong by several times the spread: squares follow it, the Huber loss does not.
    @Test func huberWeightsIgnoreOutliers() throws {
        let squares = try fit(outliers: true)
        let robust = try fit(outliers: true) {
            $0.huberThreshold = 0.02
            $0.epochs = 60
        }
        #expect(largestDifference(squares.parameters, Self.truth) > 0.05)
        #expect(largestDifference(robust.parameters, Self.truth) < 0.02)
    }

    @Test func abandonedStepLeavesTheState() throws {
        let model = SaturatingModel(lattice: try squareLattice())
        var options = TrainingOptions()
        options.optimizer = .levenbergMarquardt
        let data = TrainingSet(training: try samples(model, seeds: 50..<90), validation: try samples(model, seeds: 90..<94))
        let trainer = try Trainer(model: model, data: data, options: options, seed: 1, pool: WorkerPool(threads: 2))
        var state = TrainingState(parameters: model.initialParameters(seed: 0))
        let before = state
        #expect(try !trainer.runEpoch(&state) { _, _ in false })
        #expect(state == before)
    }

    @Test func modelsWithoutGradientsRefuseAdam() throws {
        let model = SaturatingModel(lattice: try squareLattice())
        let data = TrainingSet(training: try samples(model, seeds: 50..<52), validation: try samples(model, seeds: 90..<91))
        #expect(throws: NetworkError.self) {
            try Trainer(model: model, data: data, options: TrainingOptions(), seed: 1, pool: WorkerPool(threads: 1))
        }
    }

    /// After a few epochs of Adam the finish goes on downhill, with the same bits after an interruption.
    @Test func finishLowersTheLoss() throws {
        let tests = TrainerTests()
        let trainer = try tests.trainer {
            $0.epochs = 4
            $0.finishEpochs = 25
            $0.precision = .float64
        }
        let whole = try tests.run(trainer)
        #expect(whole.history.count == 29)
        let finish = whole.history[4...]
        #expect(zip(finish, finish.dropFirst()).allSatisfy { $1.loss <= $0.loss })
        #expect(finish.last!.loss < 1e-2 * whole.history[3].loss)
        #expect(!whole.curvature.steps.isEmpty)
        var state = TrainingState(parameters: trainer.model.initialParameters(seed: 3))
        for _ in 0..<9 { _ = try trainer.runEpoch(&state) }
        let before = state
        #expect(try !trainer.runEpoch(&state) { _, _ in false })
        #expect(state == before)
        #expect(try tests.run(trainer, from: state) == whole)
    }
}
