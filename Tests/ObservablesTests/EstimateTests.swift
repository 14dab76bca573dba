import Foundation
import LatticeNumerics
import Observables
import Testing

@Suite struct EstimateTests {
    /// A stationary series of variance 1 and autocorrelation ρⁿ.
    func series(count: Int, memory: Double, seed: UInt64) -> [Double] {
        let noise = RandomStream(seed: seed, purpose: .testing).normals(count: count, step: 0)
        var value = noise[0]
        return noise.map { xi in
            value = memory * value + (1 - memory * memory).squareRoot() * xi
            return value
        }
    }

    @Test func independentSamples() {
        let estimate = Estimate(independent: [1, 2, 3, 6])
        #expect(estimate.mean == 3)
        #expect(abs(estimate.standardError - (14.0 / 12).squareRoot()) < 1e-15)
        let single = Estimate(independent: [4])
        #expect(single.mean == 4)
        #expect(single.standardError.isNaN)
    }

    @Test func blocksAreMeans() {
        let estimate = Estimate(series: [1, 3, 5, 7, 0, 2, 100], blockLength: 2)
        #expect(estimate == Estimate(independent: [2, 6, 1]))
    }

    @Test func blockingSeesTheMemory() {
        let memory = 0.9
        let count = 1 << 17
        // The variance of the mean grows by (1 + ρ)/(1 − ρ) = 19.
        let exact = ((1 + memory) / (1 - memory) / Double(count)).squareRoot()
        for seed in 1...4 as ClosedRange<UInt64> {
            let data = series(count: count, memory: memory, seed: seed)
            let estimate = Estimate.blocking(data)
            #expect((0.85...1.45).contains(estimate.standardError / exact))
            #expect(abs(estimate.mean) < 4 * exact)
            #expect(Estimate(independent: data).standardError < 0.3 * exact)
            #expect(abs(Estimate(series: data, blockLength: 256).standardError / exact - 1) < 0.2)
        }
    }

    @Test func jackknifeOfALinearFunctionIsTheUsualError() {
        let rows = series(count: 20, memory: 0, seed: 3).map { [$0, 1] }
        let estimate = Estimate.jackknife(rows) { 2 * $0[0] + $0[1] }
        let plain = Estimate(independent: rows.map { 2 * $0[0] + $0[1] })
        #expect(abs(estimate.mean - plain.mean) < 1e-13)
        #expect(abs(estimate.standardError / plain.standardError - 1) < 1e-12)
    }

    @Test func jackknifeRemovesTheBiasOfASquare() {
        // The square of a mean is too large by σ²/n; what the jackknife takes off is the usual unbiased estimate of it.
        let rows = series(count: 12, memory: 0, seed: 5).map { [$0] }
        let plain = Estimate(independent: rows.map { $0[0] })
        let estimate = Estimate.jackknife(rows) { $0[0] * $0[0] }
        #expect(abs(estimate.mean - (plain.mean * plain.mean - plain.standardError * plain.standardError)) < 1e-13)
    }
}
