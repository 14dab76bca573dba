import Foundation
import LatticeNumerics

/// Second moments of the normal modes of a periodic square lattice, averaged over modes of one stiffness.
struct ModeSpectra {
    /// One for every star of modes, ascending.
    let stiffnesses: [Double]
    private let transform: FourierTransform
    /// The star of every wave vector, row-major.
    private let star: [Int]
    private let members: [Double]

    /// - Parameter stiffness: of the mode with these cos q_x and cos q_y.
    init(side: Int, stiffness: (_ cosineX: Double, _ cosineY: Double) -> Double) {
        transform = FourierTransform(dimensions: [side, side])
        let cosines = (0..<side).map { cos(2 * .pi * Double($0) / Double(side)) }
        // Rounded, so that degenerate modes have one key.
        let keys = (0..<side * side).map { (stiffness(cosines[$0 % side], cosines[$0 / side]) * 1e9).rounded() / 1e9 }
        let stiffnesses = Set(keys).sorted()
        let star = keys.map { stiffnesses.firstIndex(of: $0)! }
        members = stiffnesses.indices.map { index in Double(star.count { $0 == index }) }
        (self.stiffnesses, self.star) = (stiffnesses, star)
    }

    /// The moments by star, averaged over `count` samples of displacement and velocity.
    func mean(over count: Int, _ sample: () throws -> (displacement: [Double], velocity: [Double])) rethrows -> [SecondMoments] {
        var sums = stiffnesses.map { _ in [0.0, 0, 0] }
        for _ in 0..<count {
            let (displacement, velocity) = try sample()
            // |Q + v|² − |Q − v|² = 4 Re Q v*
            let spectra = [
                power(displacement), power(zip(displacement, velocity).map(+)), power(zip(displacement, velocity).map(-)),
                power(velocity),
            ]
            for k in star.indices {
                sums[star[k]][0] += spectra[0][k]
                sums[star[k]][1] += (spectra[1][k] - spectra[2][k]) / 4
                sums[star[k]][2] += spectra[3][k]
            }
        }
        return zip(sums, members).map { sum, members in
            let scale = 1 / (members * Double(count) * Double(star.count))
            return SecondMoments(displacement: scale * sum[0], mixed: scale * sum[1], velocity: scale * sum[2])
        }
    }

    private func power(_ field: [Double]) -> [Double] { transform.powerSpectrum(of: field) }
}
