import LatticeNumerics
import Testing

@Suite struct RandomNumberTests {
    /// The known answers that come with Random123 (kat_vectors, philox4x32 10).
    @Test func philoxKnownAnswers() {
        #expect(
            Philox.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
                == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
                == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            Philox.block(
                counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
                == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    /// Moments 1, 2, 3, 4 of the normal distribution: 0, 1, 0, 3, within five standard errors.
    @Test func normalMoments() {
        let count = 1_000_000
        let values = RandomStream(seed: 1, purpose: .testing).normals(count: count, step: 3)
        func moment(_ power: Int) -> Double {
            values.reduce(0) { sum, x in sum + (0..<power).reduce(1.0) { product, _ in product * x } } / Double(count)
        }
        let unit = 5 / Double(count).squareRoot()
        #expect(abs(moment(1)) < unit)
        #expect(abs(moment(2) - 1) < 2.0.squareRoot() * unit)
        #expect(abs(moment(3)) < 15.0.squareRoot() * unit)
        #expect(abs(moment(4) - 3) < 96.0.squareRoot() * unit)
    }

    @Test func uniformMomentsAndRange() {
        let stream = RandomStream(seed: 2, purpose: .testing)
        let values = (0..<200_000).map { stream.uniform(step: 0, index: $0) }
        #expect(values.allSatisfy { (0..<1).contains($0) })
        let mean = values.reduce(0, +) / 200_000
        let variance = values.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 200_000
        #expect(abs(mean - 0.5) < 5 * (1.0 / 12 / 200_000).squareRoot())
        #expect(abs(variance - 1.0 / 12) < 5 * (1.0 / 180 / 200_000).squareRoot())
    }

    /// Seed, purpose, step, index and substream each change the numbers, and the correlations vanish.
    @Test func streamsAreIndependent() {
        let count = 100_000
        let stream = RandomStream(seed: 7, purpose: .thermalNoise)
        let base = stream.normals(count: count, step: 5)
        let others = [
            RandomStream(seed: 8, purpose: .thermalNoise).normals(count: count, step: 5),
            RandomStream(seed: 7 + 1 << 32, purpose: .thermalNoise).normals(count: count, step: 5),
            RandomStream(seed: 7, purpose: .initialVelocity).normals(count: count, step: 5),
            stream.normals(count: count, step: 6),
            stream.normals(count: count, step: 5 + 1 << 32),
            stream.substream(0).normals(count: count, step: 5),
            stream.substream(1).normals(count: count, step: 5),
            Array(base[1...]),
            Array(base[2...]),
        ]
        for (index, other) in others.enumerated() {
            let correlation = zip(base, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(other.count)
            #expect(abs(correlation) < 5 / Double(count).squareRoot(), "stream \(index)")
            #expect(zip(base, other).filter { $0 == $1 }.count < 3, "stream \(index)")
        }
        #expect(stream.substream(3).normals(count: 4, step: 0) != stream.substream(4).normals(count: 4, step: 0))
    }

    /// A number does not depend on how many are drawn with it, or from where the drawing starts.
    @Test func numbersAreAddressed() {
        let stream = RandomStream(seed: 9, purpose: .testing)
        let all = stream.normals(count: 21, step: 4)
        #expect(all == (0..<21).map { stream.normal(step: 4, index: $0) })
        for first in 0..<4 {
            var part = [Double](repeating: 0, count: 8)
            part.withUnsafeMutableBufferPointer { stream.fillNormal($0, step: 4, first: first) }
            #expect(part == Array(all[first..<first + 8]))
        }
    }

    @Test func permutationsAreUniform() {
        let stream = RandomStream(seed: 10, purpose: .batchOrder)
        var tally: [[Int]: Int] = [:]
        for step in 0..<24_000 { tally[stream.permutation(of: 4, step: step), default: 0] += 1 }
        #expect(tally.count == 24)
        #expect(tally.keys.allSatisfy { $0.sorted() == [0, 1, 2, 3] })
        // χ² with 23 degrees of freedom: above 60 with probability 4·10⁻⁵.
        #expect(tally.values.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 } < 60)
        #expect(stream.permutation(of: 0, step: 0).isEmpty)
        #expect(stream.permutation(of: 1, step: 0) == [0])
    }
}
