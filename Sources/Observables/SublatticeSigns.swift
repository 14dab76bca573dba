import Lattices

/// +1 and −1 on the two sublattices of a supercell, every bond joining opposite signs: `Supercell.sublatticeSigns()` by
/// arithmetic.
///
/// On a connected lattice the sign is s(cell, b) = s_b Π_k p_k^{cell_k} with signs s_b and p_k, (−1)^{x+y} on the square lattice,
/// so that the signs of one line of sites are all that is kept. What is true in a small piece with open ends is true in every
/// piece that holds it, so the small piece tells. Where it does not (disconnected lattices, supercells smaller than the piece),
/// all signs are kept.
public struct SublatticeSigns: Sendable {
    /// p_k of the arithmetic form; nil if all signs are kept.
    let parities: [Double]?
    /// Signs of the first line of sites, or of all.
    let table: [Double]
    /// Sites of a line along the first direction; in one dimension the sites of a cell.
    let lineLength: Int
    private let slowerSizes: [Int]

    /// Nil where `Supercell.sublatticeSigns()` is: if the lattice is not bipartite or a periodic direction frustrates it.
    public init?(_ supercell: Supercell) {
        let basis = supercell.lattice.basis.count
        let isChain = supercell.size.count == 1
        lineLength = isChain ? basis : supercell.size[0] * basis
        slowerSizes = isChain ? supercell.size : Array(supercell.size.dropFirst())
        switch Self.piece(of: supercell) {
        case .frustrated:
            return nil
        case .unknown:
            guard let all = supercell.sublatticeSigns() else { return nil }
            parities = nil
            table = all
        case .arithmetic(let basisSigns, let parities):
            let wraps = supercell.size.indices.filter { supercell.periodic[$0] && supercell.size[$0] % 2 == 1 }
            guard wraps.allSatisfy({ parities[$0] > 0 }) else { return nil }
            self.parities = parities
            table = (0..<lineLength).map { site in
                basisSigns[site % basis] * (site / basis % 2 == 0 ? 1 : parities[0])
            }
        }
    }

    /// The sign of a site.
    public subscript(site: Int) -> Double {
        let line = self.line(site / lineLength)
        return line.factor * table[line.start + site % lineLength]
    }

    /// Grid coordinates of the ordering wave vector Q₀ of a supercell with one site per cell, at which e^{iQ₀·r} is the sign.
    package func orderingWaveVector(of supercell: Supercell) -> [Int] {
        let axes = supercell.size.indices
        return axes.map { axis in
            let neighbor = supercell.site(cell: axes.map { $0 == axis ? 1 : 0 })
            return self[neighbor] == self[0] ? 0 : supercell.size[axis] / 2
        }
    }

    /// The signs of a line of sites: `factor` times those in ``table`` from `start` on.
    func line(_ index: Int) -> (start: Int, factor: Double) {
        guard let parities else { return (index * lineLength, 1) }
        var rest = index
        var factor = 1.0
        for (size, parity) in zip(slowerSizes, parities.suffix(slowerSizes.count)) {
            if rest % size % 2 == 1 { factor *= parity }
            rest /= size
        }
        return (0, factor)
    }

    private enum Piece {
        case frustrated
        case arithmetic(basisSigns: [Double], parities: [Double])
        case unknown
    }

    /// What a piece with open ends, as small as bonds let it be, says about the supercell it is cut from.
    private static func piece(of supercell: Supercell) -> Piece {
        let lattice = supercell.lattice
        let sides = supercell.size.indices.map { axis in 2 * (lattice.bonds.map { abs($0.cell[axis]) }.max() ?? 0) + 2 }
        guard zip(sides, supercell.size).allSatisfy({ $0 <= $1 }),
            let piece = try? Supercell(lattice, size: sides, periodic: sides.map { _ in false })
        else { return .unknown }
        let neighbors = piece.neighborTable()
        var signs = [Double](repeating: 0, count: piece.siteCount)
        signs[0] = 1
        var queue = [0]
        while let site = queue.popLast() {
            for row in neighbors where row[site] >= 0 {
                let other = Int(row[site])
                if signs[other] == signs[site] { return .frustrated }
                if signs[other] == 0 {
                    signs[other] = -signs[site]
                    queue.append(other)
                }
            }
        }
        let basisSigns = Array(signs[..<lattice.basis.count])
        let parities = sides.indices.map { axis in
            signs[piece.site(cell: sides.indices.map { $0 == axis ? 1 : 0 })]
        }
        let isArithmetic = signs.indices.allSatisfy { site in
            let parity = zip(parities, piece.cell(of: site)).reduce(1.0) { $1.1 % 2 == 1 ? $0 * $1.0 : $0 }
            return signs[site] != 0 && signs[site] == basisSigns[site % lattice.basis.count] * parity
        }
        return isArithmetic ? .arithmetic(basisSigns: basisSigns, parities: parities) : .unknown
    }
}
