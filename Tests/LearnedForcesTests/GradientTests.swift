import LatticeNumerics
import Lattices
import LearnedForces
import Testing

@Suite struct GradientTests {
    /// Gradients against finite differences of the loss, for every option, in a direction of each parameter array.
    @Test(arguments: architectures, [0.0, 0.4]) func agreesWithFiniteDifferences(
        _ architecture: FullyConnectedArchitecture, huberThreshold: Double
    ) throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [6, 5])
        let configurations = [randomField(supercell, scale: 2, seed: 10), randomField(supercell, scale: 1, seed: 11)]
        let targets = [randomField(supercell, scale: 1, seed: 12), randomField(supercell, scale: 1, seed: 13)]
        var network = try FullyConnectedNetwork(architecture, lattice: square)
        network.normalize(forceSamples(configurations, targets))
        let loss = network.lossGradient(
            forceSamples(configurations, targets), singlePrecision: false, pool: WorkerPool(threads: 1))
        let parameters = network.initialParameters(seed: 2)
        let sites = allSites(of: configurations)
        let result = loss.evaluate(parameters: parameters, sites: sites, huberThreshold: huberThreshold)
        #expect(result.loss > 0.1)
        let stream = RandomStream(seed: 14, purpose: .testing)
        for (number, entry) in network.layout.entries.enumerated() {
            let direction = entry.range.map { stream.normal(step: number, index: $0) }
            func shifted(_ amount: Double) -> Double {
                var moved = parameters
                for (k, value) in zip(entry.range, direction) { moved[k] += amount * value }
                return loss.evaluate(parameters: moved, sites: sites, huberThreshold: huberThreshold).loss
            }
            // The published gate turns quickly where a channel is small.
            let step = architecture.activation == .published ? 1e-7 : 1e-5
            let difference = (shifted(step) - shifted(-step)) / (2 * step)
            let slope = zip(entry.range, direction).reduce(0) { $0 + result.gradient[$1.0] * $1.1 }
            #expect(abs(slope) > 1e-9, "\(entry.name)")
            #expect(abs(difference - slope) < 1e-6 * max(1, abs(slope)), "\(entry.name): \(difference) and \(slope)")
        }
    }

    /// Part of the couplings of the hidden layers is removed: losses, gradients and forces are those of the network that has them as
    /// zeros, and no gradient belongs to what is gone. Irreps of up to three dimensions. Of three parts in a hundred, channels are
    /// left that nothing reaches, and others that reach nothing; couplings that are left to them are not computed.
    @Test(arguments: [ConvolutionSamples.square, ConvolutionSamples.cubic], [(false, 0.25), (true, 0.25), (true, 0.03)])
    func aNetworkWithoutItsZerosIsTheSame(_ lattice: Lattice, _ options: (squares: Bool, left: Double)) throws {
        let supercell = try Supercell(lattice, size: lattice.dimension == 2 ? [9, 8] : [3, 3, 2])
        let configurations = [randomField(supercell, scale: 2, seed: 10), randomField(supercell, scale: 1, seed: 11)]
        let samples = forceSamples(configurations, configurations.map { _ in randomField(supercell, scale: 1, seed: 12) })
        var network = try FullyConnectedNetwork(
            FullyConnectedArchitecture(radiusSquared: 2, widths: [8, 6], squares: options.squares), lattice: lattice)
        network.normalize(samples)
        let stream = RandomStream(seed: 15, purpose: .testing)
        var (zeros, tiny) = (network.initialParameters(seed: 2), network.initialParameters(seed: 2))
        // A coupling that is as good as zero, but is there.
        for k in network.removable.dropLast().joined() where stream.uniform(step: 0, index: k) > options.left {
            (zeros[k], tiny[k]) = (0, 1e-300)
        }
        let pool = WorkerPool(threads: 1)
        let sparse = network.removingZeros(of: zeros)
        #expect(sparse.multiplyAdds < network.multiplyAdds / 2)
        #expect(network.removingZeros(of: tiny).multiplyAdds == network.multiplyAdds)
        func result(_ model: any ForceModel) throws -> (loss: Double, gradient: [Double]) {
            try model.lossGradient(samples, singlePrecision: false, pool: pool).evaluate(
                parameters: zeros, sites: allSites(of: configurations), huberThreshold: 0)
        }
        let (whole, rest) = (try result(network), try result(sparse))
        #expect(abs(whole.loss - rest.loss) < 1e-13 * whole.loss)
        let isRemovable = Set(network.removable.joined())
        for k in zeros.indices {
            let expected = isRemovable.contains(k) && zeros[k] == 0 ? 0 : whole.gradient[k]
            #expect(abs(rest.gradient[k] - expected) < 1e-12)
        }
        func forces(_ parameters: [Double]) throws -> [Double] {
            try network.predictedForces(parameters, on: samples, singlePrecision: false, pool: pool).flatMap(\.values)
        }
        let (a, b) = (try forces(zeros), try forces(tiny))
        let largest = try #require(a.map(abs).max())
        #expect(largest > 1e-5, "\(largest)")
        #expect(largestDifference(a, b) < 1e-11 * largest)
    }

    /// At uniform Q and at a perfect charge-density wave every non-trivial channel vanishes; the smooth gate's gradient stays right.
    @Test func isRightAtSymmetricPoints() throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [4, 4])
        let wave = SiteField(supercell, values: supercell.sublatticeSigns()!)
        let configurations = [SiteField(supercell, repeating: 0.6), wave, SiteField(supercell)]
        let targets = configurations.map { _ in SiteField(supercell, repeating: 0.3) }
        let network = try FullyConnectedNetwork(FullyConnectedArchitecture(radiusSquared: 4, widths: [4, 3]), lattice: square)
        let loss = network.lossGradient(
            forceSamples(configurations, targets), singlePrecision: false, pool: WorkerPool(threads: 1))
        let parameters = network.initialParameters(seed: 5)
        let sites = allSites(of: configurations)
        let gradient = loss.evaluate(parameters: parameters, sites: sites, huberThreshold: 0).gradient
        #expect(gradient.allSatisfy { $0.isFinite })
        for k in stride(from: 0, to: parameters.count, by: 97) {
            var (up, down) = (parameters, parameters)
            up[k] += 1e-5
            down[k] -= 1e-5
            let difference =
                (loss.evaluate(parameters: up, sites: sites, huberThreshold: 0).loss
                    - loss.evaluate(parameters: down, sites: sites, huberThreshold: 0).loss) / 2e-5
            #expect(abs(difference - gradient[k]) < 1e-8)
        }
    }

    @Test func doesNotDependOnThreadsAndIsCloseInSinglePrecision() throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [20, 20])
        let configurations = [randomField(supercell, scale: 2, seed: 15)]
        let targets = [randomField(supercell, scale: 1, seed: 16)]
        let network = try FullyConnectedNetwork(FullyConnectedArchitecture(radiusSquared: 5, widths: [8, 4]), lattice: square)
        let parameters = network.initialParameters(seed: 6)
        func evaluate(_ threads: Int, single: Bool) -> (loss: Double, gradient: [Double]) {
            network.lossGradient(
                forceSamples(configurations, targets), singlePrecision: single, pool: WorkerPool(threads: threads)
            ).evaluate(parameters: parameters, sites: allSites(of: configurations), huberThreshold: 0)
        }
        let one = evaluate(1, single: true)
        for threads in [2, 3, 8] {
            let more = evaluate(threads, single: true)
            #expect(more.loss == one.loss && more.gradient == one.gradient)
        }
        let exact = evaluate(1, single: false)
        let scale = exact.gradient.map(abs).max()!
        #expect(largestDifference(one.gradient, exact.gradient) < 1e-4 * scale)
    }
}
