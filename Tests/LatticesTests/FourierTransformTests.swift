import Foundation
import LatticeNumerics
import Testing

@Suite struct FourierTransformTests {
    private static let shapes = [
        [1], [2], [8], [9], [1, 1], [6, 10], [7, 5], [5, 8], [1, 6], [6, 1], [3, 4, 5], [4, 3, 6], [2, 1, 3],
    ]

    /// The coordinates of every point, in the order of the field.
    private func points(_ dimensions: [Int]) -> [[Int]] {
        dimensions.reduce([[]]) { heads, side in heads.flatMap { head in (0..<side).map { head + [$0] } } }
    }

    private func field(_ dimensions: [Int]) -> [Double] {
        RandomStream(seed: 30, purpose: .testing).normals(count: dimensions.reduce(1, *), step: 0)
    }

    @Test(arguments: shapes)
    func powerSpectrumIsTheDirectSum(dimensions: [Int]) {
        let values = field(dimensions)
        let points = points(dimensions)
        let power = FourierTransform(dimensions: dimensions).powerSpectrum(of: values)
        let expected = points.map { q in
            var (real, imaginary) = (0.0, 0.0)
            for (value, r) in zip(values, points) {
                let phase = dimensions.indices.reduce(0.0) { $0 + 2 * .pi * Double(q[$1] * r[$1]) / Double(dimensions[$1]) }
                real += value * cos(phase)
                imaginary -= value * sin(phase)
            }
            return real * real + imaginary * imaginary
        }
        #expect(power.count == values.count)
        #expect(largestDifference(power, expected) < 1e-11 * expected.reduce(0, +))
    }

    @Test(arguments: shapes)
    func parseval(dimensions: [Int]) {
        let values = field(dimensions)
        let power = FourierTransform(dimensions: dimensions).powerSpectrum(of: values).reduce(0, +)
        let square = values.reduce(0) { $0 + $1 * $1 }
        #expect(square > 0)
        #expect(abs(power / Double(values.count) - square) < 1e-13 * square)
    }

    @Test(arguments: shapes)
    func autocorrelationIsTheDirectSum(dimensions: [Int]) {
        let values = field(dimensions)
        let points = points(dimensions)
        let index = Dictionary(uniqueKeysWithValues: points.enumerated().map { ($1, $0) })
        let transform = FourierTransform(dimensions: dimensions)
        let expected = points.map { d in
            points.indices.reduce(0.0) { sum, k in
                let moved = dimensions.indices.map { (points[k][$0] + d[$0]) % dimensions[$0] }
                return sum + values[k] * values[index[moved]!]
            } / Double(values.count)
        }
        #expect(largestDifference(transform.autocorrelation(of: values), expected) < 1e-13)
        // The transform keeps nothing from one field to the next.
        #expect(transform.autocorrelation(of: values) == transform.autocorrelation(of: values))
    }

    /// A wave shows at its own wave vector and the opposite one, in the documented order [ky][kx].
    @Test func planeWaveOnARectangle() {
        let (height, width) = (6, 9)
        let wave = (0..<height * width).map { k in
            cos(2 * .pi * (2 * Double(k / width) / Double(height) + 3 * Double(k % width) / Double(width)))
        }
        let power = FourierTransform(dimensions: [height, width]).powerSpectrum(of: wave)
        let expected = Double(height * width * height * width) / 4
        for k in power.indices {
            let isPeak = k == 2 * width + 3 || k == 4 * width + 6
            #expect(abs(power[k] - (isPeak ? expected : 0)) < 1e-9)
        }
    }
}
