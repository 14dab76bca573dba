import Communication
import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Testing

/// Gradients of the loss against finite differences, for every kind of parameter.
@Suite struct ConvolutionGradientTests {
    @Test(arguments: ConvolutionSamples.members, [0, 0.8]) func agreesWithFiniteDifferences(
        _ member: ConvolutionMember, huberThreshold: Double
    ) throws {
        try expectExactGradient(member, ConvolutionSamples.square, huberThreshold: huberThreshold)
    }

    @Test(arguments: [ConvolutionSamples.triangular, ConvolutionSamples.chain, ConvolutionSamples.cubic])
    func agreesWithFiniteDifferences(_ lattice: Lattice) throws {
        // The cubic group has 48 operations: its regular fields are left to the plane lattices.
        for member in ConvolutionSamples.members.prefix(4) where lattice.dimension < 3 || member.architecture.fields == .irreps {
            try expectExactGradient(member, lattice, huberThreshold: 0, parameters: 40)
        }
    }

    /// Central differences of the loss, for all parameters or a number of them.
    private func expectExactGradient(
        _ member: ConvolutionMember, _ lattice: Lattice, huberThreshold: Double, parameters count: Int = 200
    ) throws {
        let samples = try ConvolutionSamples.samples(lattice, member.architecture)
        let (model, parameters) = try ConvolutionSamples.model(member, lattice, samples: samples)
        let loss = try model.lossGradient(samples, singlePrecision: false, pool: WorkerPool(threads: 1))
        let sites = allSites(of: samples.displacements).filter { $0.site % 3 > 0 }
        let gradient = loss.evaluate(parameters: parameters, sites: sites, huberThreshold: huberThreshold).gradient
        let scale = gradient.map(abs).max()!
        #expect(scale > 1e-3)
        // Every named array is tested, in some of its elements.
        for entry in model.layout.entries {
            let largest = gradient[entry.range].map(abs).max()!
            #expect(largest > 1e-9 * scale, "\(entry.name)")
            let step = max(1, entry.range.count * model.layout.entries.count / count)
            for k in stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: step) {
                func shifted(_ amount: Double) -> Double {
                    var moved = parameters
                    moved[k] += amount
                    return loss.evaluate(parameters: moved, sites: sites, huberThreshold: huberThreshold).loss
                }
                // Huber's loss has kinks in its slope: there the step is too short to meet one.
                let step = huberThreshold > 0 ? 1e-5 : 1e-3
                let difference =
                    (8 * (shifted(step) - shifted(-step)) - (shifted(2 * step) - shifted(-2 * step))) / (12 * step)
                #expect(abs(difference - gradient[k]) < 1e-8 * max(1, scale), "\(entry.name) \(k)")
            }
        }
    }

    @Test(arguments: [ConvolutionSamples.members[0], ConvolutionSamples.members[3]])
    func dependsNeitherOnThreadsNorOnRanksAndIsCloseInSinglePrecision(_ member: ConvolutionMember) throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [10, 12])
        let fields = (0..<5).map { randomField(supercell, scale: 2, seed: 20 + $0) }
        let samples = try ForceSamples(
            displacements: fields, forces: fields, conditions: fields.map { _ in try ConvolutionSamples.conditions() })
        let (model, parameters) = try ConvolutionSamples.model(member, ConvolutionSamples.square, samples: samples)
        func evaluate(_ threads: Int, single: Bool) throws -> (loss: Double, gradient: [Double]) {
            try model.lossGradient(samples, singlePrecision: single, pool: WorkerPool(threads: threads))
                .evaluate(parameters: parameters, sites: allSites(of: fields), huberThreshold: 0)
        }
        let one = try evaluate(1, single: true)
        for threads in [2, 3] {
            let more = try evaluate(threads, single: true)
            #expect(more.loss == one.loss && more.gradient == one.gradient)
        }
        for ranks in [2, 4, 7] {
            let results = try ThreadCommunicator.run(ranks: ranks) { communicator in
                try model.lossGradient(samples, singlePrecision: true, pool: WorkerPool(threads: 1)).evaluate(
                    parameters: parameters, sites: allSites(of: fields), huberThreshold: 0,
                    sum: OrderedSum(count: parameters.count + 1, communicator: communicator))
            }
            #expect(results.allSatisfy { $0.loss == one.loss && $0.gradient == one.gradient })
        }
        let exact = try evaluate(1, single: false)
        #expect(largestDifference(one.gradient, exact.gradient) < 1e-4 * exact.gradient.map(abs).max()!)
    }
}
