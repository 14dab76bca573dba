import Electrons
import Foundation
import LatticeNumerics
import Testing

@Suite struct PoleExpansionTests {
    /// Points of (0, bound], half of them uniform in x and half in ln x.
    private func points(_ bound: Double, seed: UInt64 = 11) -> [Double] {
        let stream = RandomStream(seed: seed, purpose: .testing)
        let lowest = log(min(1e-6, 1e-4 * bound))
        return (0..<6000).map { index in
            let number = stream.uniform(step: 0, index: index)
            return index.isMultiple(of: 2) ? number * bound : exp(lowest + (log(bound) - lowest) * number)
        } + [bound]
    }

    private func largestError(_ expansion: PoleExpansion, bound: Double) -> Double {
        points(bound).reduce(0) { max($0, abs(expansion.halfHyperbolicTangent(at: $1) - tanh($1 / 2) / 2)) }
    }

    @Test(arguments: [1e-3, 0.1, 1, 7, 40, 600, 3000, 2.1e4, 1e6, 1e8], [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-13])
    func toleranceIsMet(bound: Double, tolerance: Double) throws {
        let expansion = try PoleExpansion.meeting(tolerance: tolerance, bound: bound)
        let measured = largestError(expansion, bound: expansion.bound)
        #expect(expansion.bound >= bound)
        #expect(expansion.error <= tolerance)
        // 2e-15: the rounding of the sum as evaluated here.
        #expect(measured <= 1.001 * expansion.error + 2e-15)
        #expect(measured >= 0.9 * expansion.error - 2e-15)
        #expect(expansion.poles.allSatisfy { $0 > 0 } && expansion.weights.allSatisfy { $0 > 0 })
        #expect(zip(expansion.poles, expansion.poles.dropFirst()).allSatisfy(<))
        #expect(expansion.poles.count == expansion.weights.count)
        if expansion.poles.count > 1, expansion.bound < 1.2 * bound {
            let fewer = try PoleExpansion(bound: expansion.bound, count: expansion.poles.count - 1)
            #expect(fewer.error > tolerance)
        }
    }

    /// The counts stated in issue 3 for AAA are 14 and 19.
    @Test func fewPolesSuffice() throws {
        #expect(try PoleExpansion(bound: 600, count: 14).error < 2.1e-11)
        #expect(try PoleExpansion(bound: 3000, count: 18).error < 2.6e-11)
        #expect(try PoleExpansion.meeting(tolerance: 1e-10, bound: 600).poles.count == 14)
        #expect(try PoleExpansion.meeting(tolerance: 1e-10, bound: 3000).poles.count == 18)
    }

    /// Every count and bound gives an expansion, and until the limit of double precision more poles are better ones.
    @Test(arguments: [1e-300, 1e-3, 1, 30, 600, 2e4, 1e8, 1e12])
    func everyCountConverges(bound: Double) throws {
        var previous = Double.infinity
        for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 24, 33, 48, 64] {
            let expansion = try PoleExpansion(bound: bound, count: count)
            #expect(expansion.poles.count == count)
            #expect(expansion.bound >= bound)
            #expect(expansion.error < 0.9 * previous || expansion.error <= 1e-13 || expansion.error > 0.3)
            if expansion.bound > bound { #expect(expansion.error <= 1e-13) }
            previous = expansion.error
        }
    }

    /// Chebyshev's theorem: an error with 2m + 1 alternating extrema of one magnitude is the smallest possible.
    @Test(arguments: [(0.5, 1), (5.0, 3), (600, 3), (600, 5), (600, 8), (600, 14), (3000, 18), (6e4, 20), (1e8, 30), (1e8, 45)])
    func errorEquioscillates(bound: Double, count: Int) throws {
        let expansion = try PoleExpansion(bound: bound, count: count)
        #expect(expansion.bound == bound)
        let lowest = log(1e-3 * min(bound, 1))
        var extrema: [Double] = []
        for step in 0...40_000 {
            let x = step == 40_000 ? bound : exp(lowest + (log(bound) - lowest) * Double(step) / 40_000)
            let error = expansion.halfHyperbolicTangent(at: x) - tanh(x / 2) / 2
            if let last = extrema.last, (last < 0) == (error < 0) {
                if abs(error) > abs(last) { extrema[extrema.count - 1] = error }
            } else if abs(error) > 0.1 * expansion.error {
                extrema.append(error)
            }
        }
        #expect(extrema.count == 2 * count + 1)
        #expect(extrema.allSatisfy { abs($0) > 0.95 * expansion.error })
    }

    /// The poles of tanh itself, where the error leaves them no freedom.
    @Test func firstPolesAreMatsubaraFrequencies() throws {
        let expansion = try PoleExpansion(bound: 600, count: 14)
        for (k, (pole, weight)) in zip(expansion.poles, expansion.weights).prefix(2).enumerated() {
            #expect(abs(pole - Double(2 * k + 1) * .pi) < 1e-3)
            #expect(abs(weight - 2) < 1e-2)
        }
    }

    @Test func countIsAMultiple() throws {
        for (tolerance, bound, multiple) in [
            (1e-10, 600.0, 8), (1e-3, 600, 8), (1e-10, 1e-3, 8), (1e-8, 3000, 5), (1e-13, 1e8, 8),
        ] {
            let expansion = try PoleExpansion.meeting(tolerance: tolerance, bound: bound, countMultiple: multiple)
            #expect(expansion.poles.count.isMultiple(of: multiple))
            #expect(expansion.error <= tolerance)
            #expect(largestError(expansion, bound: bound) <= 1.001 * tolerance)
        }
    }

    /// A cached expansion is the one computed, whatever was asked before, and bounds that differ little share one.
    @Test func cachedResultIsIdentical() throws {
        let first = try PoleExpansion.meeting(tolerance: 1e-9, bound: 850)
        _ = try PoleExpansion.meeting(tolerance: 1e-9, bound: 100)
        #expect(try PoleExpansion.meeting(tolerance: 1e-9, bound: 850) == first)
        #expect(try PoleExpansion.meeting(tolerance: 1e-9, bound: 860) == first)
        #expect(try PoleExpansion(bound: first.bound, count: first.poles.count) == first)
        #expect(first.bound >= 860 && first.bound <= 850 * 1.19)
        #expect(try PoleExpansion.meeting(tolerance: 1e-9, bound: 1024).bound == 1024)
    }
}
