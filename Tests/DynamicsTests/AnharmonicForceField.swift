import ForceFields
import Lattices

/// An ensemble of small anharmonic lattices on one supercell, which is cut into blocks that do not act on each other:
///
///     V(Q) = (K/2) Σ_i Q_i² + (λ/4) Σ_i Q_i⁴ + κ Σ_⟨ij⟩ Q_i Q_j
///
/// with each block periodic in itself. Blocks of one site are independent quartic oscillators.
struct AnharmonicForceField: ConservativeForceField {
    let stiffness: Double
    let quartic: Double
    let neighborStiffness: Double
    /// Block of every site.
    let block: [Int]
    let blockCount: Int
    private let right: [Int]
    private let left: [Int]
    private let above: [Int]
    private let below: [Int]

    init(_ supercell: Supercell, blockSide: Int, stiffness: Double, quartic: Double, neighborStiffness: Double) {
        let (width, height) = (supercell.size[0], supercell.size[1])
        precondition(width % blockSide == 0 && height % blockSide == 0, "whole blocks")
        (self.stiffness, self.quartic, self.neighborStiffness) = (stiffness, quartic, neighborStiffness)
        block = (0..<width * height).map { $0 / width / blockSide * (width / blockSide) + $0 % width / blockSide }
        blockCount = width * height / (blockSide * blockSide)
        func neighbor(_ dx: Int, _ dy: Int) -> [Int] {
            (0..<width * height).map { site in
                let (x, y) = (site % width, site / width)
                func moved(_ k: Int, _ step: Int) -> Int {
                    k / blockSide * blockSide + (k % blockSide + step + blockSide) % blockSide
                }
                return moved(y, dy) * width + moved(x, dx)
            }
        }
        (right, left, above, below) = (neighbor(1, 0), neighbor(-1, 0), neighbor(0, 1), neighbor(0, -1))
    }

    /// Of every block.
    func potentials(at displacement: [Double]) -> [Double] {
        var potentials = [Double](repeating: 0, count: blockCount)
        forEachSite(displacement) { site, q, neighbors in
            potentials[block[site]] += q * (stiffness * q + neighborStiffness * neighbors) / 2 + quartic / 4 * q * q * q * q
        }
        return potentials
    }

    func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        try computeForces(at: displacement, into: &forces)
        return potentials(at: displacement.values).reduce(0, +)
    }

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        forces.values.withUnsafeMutableBufferPointer { forces in
            forEachSite(displacement.values) { site, q, neighbors in
                forces[site] = -q * (stiffness + quartic * q * q) - neighborStiffness * neighbors
            }
        }
    }

    /// Calls `body(site, Q_i, Σ_{j nn i} Q_j)`.
    @inline(__always)
    private func forEachSite(_ displacement: [Double], _ body: (Int, Double, Double) -> Void) {
        displacement.withUnsafeBufferPointer { q in
            guard neighborStiffness != 0 else {
                for site in q.indices { body(site, q[site], 0) }
                return
            }
            for site in q.indices { body(site, q[site], q[right[site]] + q[left[site]] + q[above[site]] + q[below[site]]) }
        }
    }
}
