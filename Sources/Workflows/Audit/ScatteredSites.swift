import Foundation
import LatticeNumerics
import Lattices

/// A choice of sites spread evenly over a supercell, every site as likely as any other.
///
/// Points of the additive recurrence x_n = x_0 + n α mod 1 with α_k = φ^{−k}, where φ is the root above 1 of
/// φ^{d+1} = φ + 1: of low discrepancy in d dimensions, from a random x_0. M. Roberts, *The unreasonable effectiveness of
/// quasirandom sequences* (2018), after H. Niederreiter. A basis adds a dimension.
package enum ScatteredSites {
    /// `count` different sites in ascending order; all of them if there are no more.
    ///
    /// - Parameters:
    ///   - stream: where the start comes from.
    ///   - step: another choice for every step.
    package static func choose(_ count: Int, of supercell: Supercell, stream: RandomStream, step: Int) -> [Int] {
        guard count < supercell.siteCount else { return Array(0..<supercell.siteCount) }
        let sides = supercell.size + (supercell.lattice.basis.count > 1 ? [supercell.lattice.basis.count] : [])
        let increments = increments(dimension: sides.count)
        var point = sides.indices.map { stream.uniform(step: step, index: $0) }
        var chosen = Set<Int>()
        while chosen.count < count {
            let coordinates = zip(point, sides).map { min(Int($0 * Double($1)), $1 - 1) }
            let basis = sides.count > supercell.size.count ? coordinates.last! : 0
            chosen.insert(supercell.site(cell: Array(coordinates.prefix(supercell.size.count)), basis: basis))
            point = zip(point, increments).map { ($0 + $1).truncatingRemainder(dividingBy: 1) }
        }
        return chosen.sorted()
    }

    private static func increments(dimension: Int) -> [Double] {
        // The fixed point of φ = (1 + φ)^{1/(d+1)}, which contracts.
        let root = (0..<64).reduce(2.0) { value, _ in pow(1 + value, 1 / Double(dimension + 1)) }
        return (1...dimension).map { pow(root, -Double($0)) }
    }
}
