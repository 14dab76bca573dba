import Foundation
import LatticeNumerics
import Lattices
import Observables
import Testing

@Suite struct GrowthExponentTests {
    /// L(t) of every run from a function of the run and the time.
    private func ensemble(_ times: [Double], runs: Int, _ length: (Int, Double) -> Double) -> EnsembleProfile {
        EnsembleProfile(abscissae: times, samples: (0..<runs).map { run in times.map { length(run, $0) } })
    }

    private func noise(_ count: Int, seed: UInt64) -> [Double] {
        RandomStream(seed: seed, purpose: .testing).normals(count: count, step: 0)
    }

    @Test func powersAreExact() throws {
        let curves = ensemble((0...50).map(Double.init), runs: 3) { run, time in Double(run + 1) * time.squareRoot() }
        let found = try #require(GrowthExponent(curves, window: 4...36))
        #expect(abs(found.exponent.mean - GrowthExponent.allenCahn) < 1e-12)
        #expect(found.exponent.standardError < 1e-12)
        #expect(found.window == 4...36 && abs(found.time - 12) < 1e-12)
        #expect(abs(found.length - 2 * 12.0.squareRoot()) < 1e-12)
    }

    /// A run whose exponent is off by ε b changes the mean by ε b/n to first order.
    @Test func theErrorIsThatOfTheScatterBetweenRuns() throws {
        let offsets = noise(12, seed: 4)
        let epsilon = 1e-4
        let curves = ensemble((1...64).map(Double.init), runs: 12) { run, time in
            time.squareRoot() * (1 + epsilon * offsets[run] * log(time))
        }
        let found = try #require(GrowthExponent(curves, window: 1...64))
        let plain = Estimate(independent: offsets.map { 0.5 + epsilon * $0 })
        #expect(plain.standardError > 1e-5)
        #expect(abs(found.exponent.standardError / plain.standardError - 1) < 1e-2)
        #expect(abs(found.exponent.mean - plain.mean) < 1e-3 * plain.standardError + 1e-7)
    }

    /// The stated error covers the truth: of 200 ensembles of noisy curves two thirds lie within one error, 95 % within two.
    @Test func noisyCurvesHaveTheirExponentWithinTheError() throws {
        let times = (1...40).map(Double.init)
        var deviations: [Double] = []
        for trial in 0..<200 {
            let strength = noise(8 * 40, seed: UInt64(trial + 1))
            let curves = ensemble(times, runs: 8) { run, time in
                3 * time.squareRoot() * exp(0.05 * strength[run * 40 + Int(time) - 1])
            }
            let found = try #require(GrowthExponent(curves, window: 5...40)).exponent
            deviations.append(abs(found.mean - 0.5) / found.standardError)
        }
        // Student's t with seven degrees of freedom: 65 % and 91 %.
        #expect((0.55...0.75).contains(Double(deviations.count { $0 < 1 }) / 200))
        #expect(Double(deviations.count { $0 < 2 }) / 200 > 0.85)
    }

    /// ln L = c (ln t)²: the slope in the middle of a window in ln t, though samples are dense at late times.
    @Test func allOfTheLogarithmCountsEvenly() throws {
        let curves = ensemble((1...4000).map { Double($0) / 10 }, runs: 2) { run, time in
            Double(run + 1) * exp(0.1 * log(time) * log(time))
        }
        let found = try #require(GrowthExponent(curves, window: 4...400))
        #expect(abs(found.exponent.mean / (0.2 * log(found.time)) - 1) < 5e-3)
        let local = GrowthExponent.windows(of: 1...400, count: 6).compactMap { GrowthExponent(curves, window: $0) }
        #expect(local.count == 6)
        for window in local { #expect(abs(window.exponent.mean - 0.2 * log(window.time)) < 0.02) }
    }

    @Test func whatCannotBeToldIsNil() {
        let times = (0...9).map(Double.init)
        #expect(GrowthExponent(ensemble(times, runs: 1) { $1 + 1 }, window: 1...9) == nil)
        #expect(GrowthExponent(ensemble(times, runs: 2) { $1 + 1 }, window: 1...2) == nil)
        // Times at which a run has no length are left out.
        let broken = ensemble(times, runs: 2) { run, time in run == 1 && time > 4 ? .nan : time }
        #expect(GrowthExponent(broken, window: 1...9)?.window == 1...4)
    }

    /// Waves whose length doubles when time has quadrupled.
    @Test func wavesOfKnownLengthGrowAsTheRootOfTime() throws {
        let cell = supercell(square, 64, 48)
        let spectrum = try LatticeSpectrum(cell)
        let times = [1.0, 4, 16]
        let rows = try [0.0, 1].map { phase in
            try times.map { time in
                let length = 8 * time.squareRoot()
                let field = staggered(cell) { x, _ in cos(2 * .pi * x / length + phase) }
                return try #require(spectrum.structureFactor(of: field).domainLength())
            }
        }
        let found = try #require(GrowthExponent(EnsembleProfile(abscissae: times, samples: rows), window: 1...16))
        #expect(abs(found.exponent.mean - 0.5) < 1e-9)
    }

    @Test func smallerLatticesPartFromLargerOnes() {
        let times = (1...20).map(Double.init)
        let large = ensemble(times, runs: 4) { run, time in time.squareRoot() + 0.01 * Double(run) }
        #expect(GrowthComparison(small: large, large: large).departure == nil)
        let small = ensemble(times, runs: 4) { run, time in min(time, 12).squareRoot() + 0.01 * Double(run) }
        let comparison = GrowthComparison(small: small, large: large)
        #expect(comparison.departure == 12)
        #expect(abs(comparison.ratios[19].mean - (12.0.squareRoot() + 0.015) / (20.0.squareRoot() + 0.015)) < 1e-12)
        // A domain that fills the small lattice has no length.
        let full = ensemble(times, runs: 4) { run, time in time > 8 ? .nan : time.squareRoot() + 0.01 * Double(run) }
        #expect(GrowthComparison(small: full, large: large).departure == 8)
        // An excursion is not a departure.
        let excursion = ensemble(times, runs: 4) { run, time in time.squareRoot() * (time == 5 ? 2 : 1) + 0.01 * Double(run) }
        #expect(GrowthComparison(small: excursion, large: large).departure == nil)
    }
}
