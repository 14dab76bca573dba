import Electrons
import Foundation
import Testing

@Suite struct PoleExpansionLogarithmTests {
    @Test(arguments: [(1.0, 1), (20.0, 4), (600, 5), (600, 14), (3000, 18), (1e6, 25)])
    func antiderivativeIsTheLogarithm(bound: Double, count: Int) throws {
        let expansion = try PoleExpansion(bound: bound, count: count)
        var (lowest, highest) = (0.0, 0.0)
        for step in 0...20_000 {
            let fraction = Double(step) / 20_000
            for x in [bound * fraction, bound * pow(fraction, 8)] {
                let deviation = expansion.logarithm(at: x) - (x / 2 + log1p(exp(-x)))
                lowest = min(lowest, deviation)
                highest = max(highest, deviation)
            }
        }
        // The sum of the logarithms is about 10 times the bound, which rounds.
        let rounding = 1e-14 * max(bound, 1)
        #expect(highest <= 1.01 * expansion.logarithmError + rounding)
        #expect(abs(highest + lowest) <= 0.02 * expansion.logarithmError + rounding)
        #expect(expansion.logarithmError < expansion.error * bound + rounding)
        #expect(expansion.logarithmError > 0)
    }

    /// d/dx [c + ½ Σ w ln(x² + a²)] = Σ w x/(x² + a²), odd in x.
    @Test func derivative() throws {
        let expansion = try PoleExpansion(bound: 100, count: 8)
        for x in [-80, -3.3, -0.2, 0.01, 0.7, 5, 33, 99] {
            let step = 1e-4 * max(abs(x), 1)
            let slope = (expansion.logarithm(at: x + step) - expansion.logarithm(at: x - step)) / (2 * step)
            #expect(abs(slope - expansion.halfHyperbolicTangent(at: x)) < 1e-8)
            #expect(expansion.halfHyperbolicTangent(at: -x) == -expansion.halfHyperbolicTangent(at: x))
        }
        #expect(expansion.halfHyperbolicTangent(at: 0) == 0)
    }
}
