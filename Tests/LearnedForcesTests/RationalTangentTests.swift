import Foundation
import LearnedForces
import Testing

@Suite struct RationalTangentTests {
    /// tanh of many numbers, in rows of sixteen.
    private func tangents(_ values: [Float]) -> [Float] {
        precondition(values.count % 32 == 0, "pairs of rows")
        var rows = values
        rows.withUnsafeMutableBufferPointer {
            RationalTangent.apply(to: $0.baseAddress!, rows: $0.count / 16, count: 16, stride: 16)
        }
        return rows
    }

    /// Every exponent, 1024 fractions in each, and every number near where the error is largest.
    private static let values: [Float] = {
        let bits = stride(from: UInt32(0), to: Float.infinity.bitPattern, by: 8191).map(Float.init(bitPattern:))
        let dense = stride(from: Float(0.01).bitPattern, to: Float(9).bitPattern, by: 37).map(Float.init(bitPattern:))
        let all = bits + dense
        return all + [Float](repeating: .infinity, count: 32 - all.count % 32)
    }()

    @Test func isWithinItsErrorEverywhere() {
        let worst = zip(Self.values, tangents(Self.values)).map { abs(Double($1) - tanh(Double($0))) }.max()!
        #expect(worst < 3e-7)
        #expect(worst > 1e-8)
    }

    @Test func isOddToTheLastBitAndNeverBeyondOne() {
        let positive = tangents(Self.values)
        #expect(tangents(Self.values.map { -$0 }) == positive.map { -$0 })
        #expect(positive.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(tangents([Float](repeating: .infinity, count: 32)).allSatisfy { $0 > 0.999_999 })
    }

    @Test func isTheArgumentForSmallOnes() {
        let small = (0..<64).map { Float(1e-6) * Float($0 + 1) / 64 }
        for (x, y) in zip(small, tangents(small)) { #expect(abs(y - x) <= 3 * x.ulp) }
    }

    @Test func keepsNotANumber() {
        #expect(tangents([Float](repeating: .nan, count: 32)).allSatisfy { $0.isNaN })
    }
}
