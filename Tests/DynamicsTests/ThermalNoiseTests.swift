import Dynamics
import Foundation
import LatticeNumerics
import Testing

@Suite struct ThermalNoiseTests {
    let stream = RandomStream(seed: 0x0123_4567_89AB_CDEF, purpose: .thermalNoise)

    /// The Box–Muller numbers of a block by the C library's functions.
    func reference(step: Int, index: Int) -> Double {
        let block = Philox.block(
            counter: SIMD4(UInt32(index / 2), UInt32(step), 0, RandomPurpose.thermalNoise.rawValue),
            key: SIMD2(0x89AB_CDEF, 0x0123_4567))
        let first = UInt64(block.x) | UInt64(block.y) << 32
        let second = UInt64(block.z) | UInt64(block.w) << 32
        let radius = (-2 * log((Double(first >> 11) + 0.5) * 0x1p-53)).squareRoot()
        let angle = 2 * Double.pi * (Double(second >> 11) * 0x1p-53)
        return radius * (index % 2 == 0 ? cos(angle) : sin(angle))
    }

    /// Known answers published with Random123 (kat_vectors, philox4x32 10).
    @Test func bitsAreThePublishedOnes() {
        #expect(
            Philox.block(counter: SIMD4(0, 0, 0, 0), key: SIMD2(0, 0))
                == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        #expect(
            Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
                == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        #expect(
            Philox.block(
                counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: SIMD2(0xA409_3822, 0x299F_31D0))
                == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    }

    @Test func agreesWithTheLibraryFunctions() {
        for index in 0..<20_000 {
            let value = stream.normal(step: 7, index: index)
            #expect(abs(value - reference(step: 7, index: index)) <= 4e-15)
        }
    }

    @Test func doesNotDependOnChunks() {
        let whole = stream.normals(count: 1000, step: 3)
        #expect(Set(whole).count == 1000)
        for (first, count) in [(0, 1), (1, 1), (1, 2), (0, 7), (1, 8), (13, 128), (128, 128), (501, 499), (999, 1), (4, 0)] {
            var part = [Double](repeating: 0, count: count)
            part.withUnsafeMutableBufferPointer { stream.fillNormal($0, step: 3, first: first) }
            #expect(part == Array(whole[first..<first + count]))
        }
        for index in whole.indices { #expect(stream.normal(step: 3, index: index) == whole[index]) }
    }

    @Test func isNormal() {
        let count = 1 << 20
        let values = stream.normals(count: count, step: 1)
        let moments = (1...6).map { power in values.reduce(0) { $0 + pow($1, Double(power)) } / Double(count) }
        // Standard errors of the first six moments: √(variance of xⁿ / count).
        let expected = [0.0, 1, 0, 3, 0, 15]
        let variances = [1.0, 2, 15, 96, 945, 10_170]
        for n in 0..<6 { #expect(abs(moments[n] - expected[n]) < 4 * (variances[n] / Double(count)).squareRoot()) }
        let beyondTwo = values.count { abs($0) > 2 }
        #expect(abs(Double(beyondTwo) / Double(count) - erfc(2 / 2.0.squareRoot())) < 1e-3)
    }

    @Test func isIndependentBetweenStepsAndNeighbours() {
        let count = 1 << 18
        let now = stream.normals(count: count, step: 1)
        let next = stream.normals(count: count, step: 2)
        func correlation(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count)
        }
        let bound = 4 / Double(count).squareRoot()
        #expect(abs(correlation(now[...], next[...])) < bound)
        for lag in 1...4 { #expect(abs(correlation(now.dropLast(lag), now.dropFirst(lag))) < bound) }
    }

    @Test func hotStartHasTheVariancesAskedFor() throws {
        let supercell = squareSupercell(200, 200)
        let hot = try HotStart(displacementVariance: 5 / 0.18, velocityVariance: 1, seed: 3)
        let state = try hot.state(on: supercell, forceField: HarmonicForce())
        func mean(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count) }
        let (q, v) = (state.displacement.values, state.velocity.values)
        let tolerance = 4 * (2.0 / Double(q.count)).squareRoot()
        #expect(abs(mean(q, q) / (5 / 0.18) - 1) < tolerance)
        #expect(abs(mean(v, v) - 1) < tolerance)
        #expect(abs(mean(q, v)) / (5 / 0.18).squareRoot() < tolerance)
        #expect(state.force == (try HarmonicForce().forces(at: state.displacement)))
        #expect(state.step == 0)
        #expect(hot.displacement(on: supercell) == state.displacement)
        let other = try HotStart(displacementVariance: 5 / 0.18, velocityVariance: 1, seed: 4)
        #expect(other.displacement(on: supercell) != state.displacement)
    }
}
