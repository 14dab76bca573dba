import EquivariantNetworks
import Foundation
import LatticeNumerics
import Lattices

/// What the stages of a recipe will take, before they are run: within a factor of two on an idle machine.
///
/// Exact diagonalization is timed at a small size and scaled with N³; the network's multiply–adds are counted and divided by
/// a rate measured with a matrix product.
public struct CostEstimate: Sendable, Equatable, Codable {
    /// One stage.
    public struct Stage: Sendable, Equatable, Codable {
        /// The name of the stage, as in `adiabat generate`.
        public let stage: String
        /// What is done how often, for people.
        public let work: String
        /// The estimated time on the clock, with the threads the estimate is for.
        public let seconds: Double
        /// The largest memory at one time, in bytes.
        public let bytes: Double
    }

    /// `generate`, `train`, `simulate` and `compare`, in this order; the other stages take little.
    public let stages: [Stage]

    /// All stages one after the other, in seconds.
    public var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }
    /// The memory of the stage that takes the most, in bytes.
    public var bytes: Double { stages.map(\.bytes).max() ?? 0 }

    /// Times this machine for some tenths of a second and scales what it finds to the sizes of the recipe.
    ///
    /// - Parameters:
    ///   - recipe: what would be run.
    ///   - threads: how many would run it.
    /// - Throws: what timing a diagonalization throws, and `NetworkError` or `LatticeError` for a network that cannot be built.
    public init(_ recipe: Recipe, threads: Int) throws {
        let machine = try MachineSpeed()
        let network = try FullyConnectedNetwork(recipe.network, lattice: recipe.lattice.geometry)
        stages = [
            Self.generate(recipe, machine, threads: threads), Self.train(recipe, network, machine, threads: threads),
            Self.simulate(recipe, network, machine, threads: threads), Self.compare(recipe, machine, threads: threads),
        ]
    }

    private static func generate(_ recipe: Recipe, _ machine: MachineSpeed, threads: Int) -> Stage {
        let settings = recipe.generate
        let sites = recipe.supercell.siteCount
        let each = machine.diagonalization(sites: sites)
        // Trajectories are sequential within themselves: the last ones may leave threads idle.
        let rounds = (settings.trajectories + threads - 1) / threads
        let seconds =
            Double(rounds * settings.steps) * each + Double(settings.randomConfigurations) * each / Double(threads)
        let count = settings.trajectories * settings.steps + settings.randomConfigurations
        return Stage(
            stage: "generate", work: "\(count) diagonalizations of \(sites) sites", seconds: seconds,
            bytes: machine.diagonalizationBytes(sites: sites) * Double(min(threads, settings.trajectories)))
    }

    private static func train(
        _ recipe: Recipe, _ network: FullyConnectedNetwork, _ machine: MachineSpeed, threads: Int
    ) -> Stage {
        let settings = recipe.generate
        let fraction = Double(settings.validationTrajectories) / Double(settings.trajectories)
        let held = fraction + Double(settings.testTrajectories) / Double(settings.trajectories)
        let snapshots = Double(settings.trajectories * settings.steps / settings.snapshotInterval + settings.randomConfigurations)
        let sites = Double(recipe.supercell.siteCount)
        // The backward pass costs about twice the forward pass.
        let perEpoch = snapshots * sites * (3 * (1 - held) + fraction) * Double(network.multiplyAdds)
        let multiplyAdds = perEpoch * Double(recipe.training.epochs)
        let rate = machine.multiplyAdds(singlePrecision: recipe.training.precision == .float32, threads: threads)
        let configurations = Int(snapshots * (1 - held))
        return Stage(
            stage: "train",
            work: "\(recipe.training.epochs) epochs of \(configurations) configurations, \(network.layout.count) parameters",
            seconds: multiplyAdds / rate, bytes: snapshots * sites * 16 + Double(network.layout.count) * 64)
    }

    private static func simulate(
        _ recipe: Recipe, _ network: FullyConnectedNetwork, _ machine: MachineSpeed, threads: Int
    ) -> Stage {
        let settings = recipe.simulate
        let sites = recipe.supercell(settings.size).siteCount
        let fields = Double(sites) * 8 * 12
        switch settings.forceField {
        case .model:
            let rate = machine.multiplyAdds(singlePrecision: settings.precision == .float32, threads: threads)
            return Stage(
                stage: "simulate", work: "\(settings.steps) learned forces on \(sites) sites",
                seconds: Double(settings.steps) * Double(sites) * Double(network.multiplyAdds) / rate, bytes: fields)
        case .solver:
            return Stage(
                stage: "simulate", work: "\(settings.steps) diagonalizations of \(sites) sites",
                seconds: Double(settings.steps) * machine.diagonalization(sites: sites),
                bytes: fields + machine.diagonalizationBytes(sites: sites))
        }
    }

    private static func compare(_ recipe: Recipe, _ machine: MachineSpeed, threads: Int) -> Stage {
        let settings = recipe.compare
        let sites = recipe.supercell(settings.twinSize).siteCount
        let rounds = (settings.twinTrajectories + threads - 1) / threads
        return Stage(
            stage: "compare", work: "\(settings.twinTrajectories * settings.twinSteps) diagonalizations of \(sites) sites",
            seconds: Double(rounds * settings.twinSteps) * machine.diagonalization(sites: sites),
            bytes: machine.diagonalizationBytes(sites: sites) * Double(min(threads, max(1, settings.twinTrajectories))))
    }
}

/// What this machine does in a second, from two measurements of a few hundredths of a second each.
private struct MachineSpeed {
    private static let timedSites = 256
    private static let timedMatrix = 256
    /// Of the speed of a matrix product: what the network's kernels reach with their weighted sums and gates.
    private static let networkEfficiency = 0.5

    private let secondsPerCube: Double
    private let multiplyAddsPerSecond: Double

    /// - Throws: `LinearAlgebraError`
    init() throws {
        BLAS.useOneThread()
        secondsPerCube = try Self.timeDiagonalization() / pow(Double(Self.timedSites), 3)
        multiplyAddsPerSecond = Self.timeProduct()
    }

    /// Seconds of one diagonalization on one thread.
    func diagonalization(sites: Int) -> Double { secondsPerCube * pow(Double(sites), 3) }

    /// Matrix, eigenvectors and LAPACK's workspace.
    func diagonalizationBytes(sites: Int) -> Double { 3 * 8 * pow(Double(sites), 2) }

    /// Multiply–adds a second of the network on all threads.
    func multiplyAdds(singlePrecision: Bool, threads: Int) -> Double {
        multiplyAddsPerSecond * (singlePrecision ? 2 : 1) * Double(threads) * Self.networkEfficiency
    }

    private static func timeDiagonalization() throws -> Double {
        let solver = SymmetricEigensolver(dimension: timedSites)
        let stream = RandomStream(seed: 0, purpose: .testing)
        return try shortest {
            for i in 0..<timedSites {
                for j in 0...i { solver.matrix[i * timedSites + j] = stream.uniform(step: i, index: j) }
            }
            try solver.solve()
        }
    }

    private static func timeProduct() -> Double {
        let n = timedMatrix
        let a = [Double](repeating: 0.5, count: n * n)
        var c = a
        let seconds = shortest {
            Double.multiply(
                rows: n, columns: n, inner: n, alpha: 1, a, leadingA: n, transposeA: false, a, leadingB: n, transposeB: false,
                beta: 0, &c, leadingC: n)
        }
        return pow(Double(n), 3) / seconds
    }

    private static func shortest(_ body: () throws -> Void) rethrows -> Double {
        try (0..<3).map { _ in
            let start = ContinuousClock.now
            try body()
            return (ContinuousClock.now - start).inSeconds
        }.min()!
    }
}
