import Foundation
import LatticeNumerics
import Lattices
import Observables
import Testing

@Suite struct ScalingCollapseTests {
    private let lengths = [4.0, 5, 7, 10]
    private let radii = (0...60).map { Double($0) / 2 }

    /// Profiles f(r/L) of several times and runs, with noise of the given strength.
    private func moments(
        runs: Int, noise strength: Double, seed: UInt64 = 1, _ function: (_ x: Double, _ length: Double) -> Double
    ) -> [ScalingCollapse.Moment] {
        lengths.enumerated().map { index, length in
            let samples = (0..<runs).map { run -> [Double] in
                let noise = RandomStream(seed: seed, purpose: .testing).normals(count: radii.count, step: index * 1000 + run)
                return zip(radii, noise).map { function($0 / length, length) + strength * $1 }
            }
            return ScalingCollapse.Moment(
                profile: EnsembleProfile(abscissae: radii, samples: samples), lengths: [Double](repeating: length, count: runs))
        }
    }

    @Test func whatScalesExactlyHasNoSpread() throws {
        // Straight lines, which interpolation reproduces.
        let exact = try #require(ScalingCollapse(correlation: moments(runs: 3, noise: 0) { x, _ in 1 - x / 4 }))
        #expect(exact.spread < 1e-14)
        // S/L² = (qL)⁻³, straight in logarithms.
        let waves = lengths.map { length in
            let row = radii.map { q in q == 0 ? 1e3 : length * length / pow(q * length, 3) }
            return ScalingCollapse.Moment(
                profile: EnsembleProfile(abscissae: radii, samples: [row, row, row]), lengths: [length, length, length])
        }
        let structure = try #require(ScalingCollapse(structureFactor: waves, dimension: 2, cutoff: 30))
        #expect(structure.spread < 1e-12)
        #expect(structure.abscissae.first! >= 0.5 * 10 - 1e-9 && structure.abscissae.last! <= 20 + 1e-9)
    }

    @Test func noiseAloneGivesARatioOfOne() throws {
        let ratios = try (1...20).map { seed in
            try #require(
                ScalingCollapse(correlation: moments(runs: 10, noise: 0.01, seed: UInt64(seed)) { x, _ in exp(-x * x) })
            ).ratio
        }
        let mean = Estimate(independent: ratios)
        #expect(mean.standardError < 0.05)
        #expect(abs(mean.mean - 1) < 0.15)
    }

    @Test func whatDoesNotScaleIsFoundOut() throws {
        let wrong = try #require(
            ScalingCollapse(correlation: moments(runs: 10, noise: 0.01) { x, length in exp(-pow(x, 1 + length / 10)) }))
        #expect(wrong.ratio > 5)
        // A common offset of a run at all times does not excuse it, and is no spread either.
        let shifted = moments(runs: 10, noise: 0) { x, _ in exp(-x * x) }.map { moment in
            ScalingCollapse.Moment(
                profile: EnsembleProfile(
                    abscissae: radii,
                    samples: moment.profile.samples.enumerated().map { run, row in row.map { $0 + 0.1 * Double(run) } }),
                lengths: moment.lengths)
        }
        let common = try #require(ScalingCollapse(correlation: shifted))
        #expect(common.error < 1e-12)
    }

    @Test func tooLittleIsNil() {
        let some = moments(runs: 3, noise: 0) { x, _ in exp(-x) }
        #expect(ScalingCollapse(correlation: Array(some.prefix(1))) == nil)
        #expect(ScalingCollapse(correlation: moments(runs: 1, noise: 0) { x, _ in exp(-x) }) == nil)
        let unknown = some.map { ScalingCollapse.Moment(profile: $0.profile, lengths: [.nan, 1, 1]) }
        #expect(ScalingCollapse(correlation: unknown) == nil)
    }

    /// Fields with C(r) = exp(−r²/4ℓ²) and ℓ ∝ t^½: half height 2ℓ√(ln 2), exponent ½, and a collapse within the statistics.
    @Test func smoothRandomFieldsGrowAndScale() throws {
        let cell = supercell(square, 64, 64)
        let spectrum = try LatticeSpectrum(cell)
        let times = [4.0, 6, 9, 13.5]
        let runs = 6
        var profiles = [[[Double]]](repeating: [], count: times.count)
        var found = [[Double]](repeating: [], count: times.count)
        for run in 0..<runs {
            for (k, time) in times.enumerated() {
                let field = smoothed(cell, width: 0.8 * time.squareRoot(), seed: UInt64(100 * run + k + 1))
                let correlation = try spectrum.staggeredCorrelation(of: field)
                let values = correlation.radialAverage().values
                profiles[k].append(values.map { $0 / values[0] })
                found[k].append(try #require(correlation.halfHeightLength))
            }
        }
        let radii = try spectrum.staggeredCorrelation(of: randomField(cell)).radialAverage().radii
        for (k, time) in times.enumerated() {
            let estimate = Estimate(independent: found[k])
            let exact = 2 * 0.8 * time.squareRoot() * log(2.0).squareRoot()
            #expect(abs(estimate.mean - exact) < 4 * estimate.standardError + 0.03)
        }
        let curves = EnsembleProfile(
            abscissae: times, samples: (0..<runs).map { run in times.indices.map { found[$0][run] } })
        let growth = try #require(GrowthExponent(curves, window: 4...13.5)).exponent
        #expect(growth.standardError < 0.1 && abs(growth.mean - 0.5) < 3 * growth.standardError)
        let moments = times.indices.map {
            ScalingCollapse.Moment(profile: EnsembleProfile(abscissae: radii, samples: profiles[$0]), lengths: found[$0])
        }
        let collapse = try #require(ScalingCollapse(correlation: moments))
        #expect(collapse.spread < 0.1 && (0.4...2).contains(collapse.ratio))
    }

    /// (−1)^{x+y} times white noise averaged with the weight exp(−d²/2ℓ²).
    private func smoothed(_ cell: Supercell, width: Double, seed: UInt64) -> SiteField {
        let (columns, rows) = (cell.size[0], cell.size[1])
        let reach = Int(4 * width)
        let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * width * width)) }
        var values = randomField(cell, seed: seed).values
        let along = values.indices.map { site -> Double in
            let (x, y) = (site % columns, site / columns)
            return weights.indices.reduce(0) { $0 + weights[$1] * values[y * columns + (x + $1 - reach + columns) % columns] }
        }
        values = values.indices.map { site -> Double in
            let (x, y) = (site % columns, site / columns)
            return weights.indices.reduce(0) { $0 + weights[$1] * along[(y + $1 - reach + rows) % rows * columns + x] }
        }
        return staggered(cell) { x, y in values[Int(y) * columns + Int(x)] }
    }
}
