/// The sites within a radius of a site, and how the point group permutes them.
///
/// Offsets are sorted by distance, then by the last coordinate, then the one before it: for the square lattice and r² ≤ 13
/// the 45 sites of Fan & Chern, arXiv:2601.04104. Only lattices with one site a cell are supported.
public struct Neighborhood: Sendable, Equatable {
    /// The kind of the site variable whose values are gathered.
    public let kind: SiteVariable.Kind
    /// Cell coordinates of each site relative to the centre; the first is the centre.
    public let offsets: [[Int]]
    /// permutations[g][k]: the index of the image of offset k under operation g.
    public let permutations: [[Int]]
    /// Ranges of offsets at equal distance.
    public let shells: [Range<Int>]
    private let group: PointGroup
    /// What each operation does to the components of a site.
    private let turns: [[[Double]]]

    /// - Parameters:
    ///   - lattice: with one site a cell.
    ///   - group: its point group.
    ///   - radiusSquared: the largest squared distance, in lattice constants squared.
    ///   - kind: how the site variable transforms.
    /// - Throws: ``LatticeError`` for a lattice with a basis, or a radius that is negative or too large.
    public init(_ lattice: Lattice, group: PointGroup, radiusSquared: Double, kind: SiteVariable.Kind = .scalar) throws {
        guard lattice.basis.count == 1 else {
            throw LatticeError(key: "basis", problem: "\(lattice.basis.count) sites per cell; this network needs one")
        }
        guard radiusSquared >= 0, radiusSquared <= 400 else {
            throw LatticeError(key: "radius_squared", problem: "\(radiusSquared); 0 to 400 is allowed")
        }
        let reach = lattice.cellBounds(within: radiusSquared.squareRoot())
        guard reach.reduce(1, { $0 * (2 * $1 + 1) }) <= 1e6 else {
            throw LatticeError(key: "radius_squared", problem: "\(radiusSquared); reaches over a million cells of this lattice")
        }
        // Of a squared distance, which holds several products.
        let rounding = 10 * lattice.rounding
        func distance(_ cell: [Int]) -> Double {
            lattice.cartesian(cell.map(Double.init)).reduce(0) { $0 + $1 * $1 }
        }
        let within = integerVectors(limits: reach.map { Int($0 + 1e-9) }).filter { distance($0) <= radiusSquared + rounding }
        // Images of these at the same distance but for rounding of the lattice file.
        let cells = Set(within.flatMap { cell in group.operations.map { $0.image(ofCell: cell).cell } })
        let near = cells.sorted { $0.lexicographicallyPrecedes($1) }.map { (cell: $0, distance: distance($0)) }.sorted { a, b in
            if abs(a.distance - b.distance) > rounding { return a.distance < b.distance }
            return a.cell.reversed().lexicographicallyPrecedes(b.cell.reversed())
        }
        self.kind = kind
        self.group = group
        turns = kind.matrices(in: group)
        offsets = near.map(\.cell)
        let index = Dictionary(uniqueKeysWithValues: offsets.enumerated().map { ($1, $0) })
        permutations = group.operations.map { operation in near.map { index[operation.image(ofCell: $0.cell).cell]! } }
        var shells: [Range<Int>] = []
        for k in near.indices {
            if let last = shells.last, near[k].distance - near[last.lowerBound].distance < rounding {
                shells[shells.count - 1] = last.lowerBound..<k + 1
            } else {
                shells.append(k..<k + 1)
            }
        }
        self.shells = shells
    }

    /// Values in the neighbourhood: offsets × components of the site variable.
    public var valueCount: Int { offsets.count * componentCount }

    private var componentCount: Int { turns[0].count }

    /// How far the neighbourhood reaches along each cell direction.
    public var reach: Int { offsets.joined().map(abs).max() ?? 0 }

    /// Orthonormal symmetry-adapted combinations of the neighbourhood's values.
    ///
    /// - Returns: `[copy][component][value]`, one entry for each time the irrep occurs; `value` = offset·components +
    ///   component. The copies are confined to one shell each, nearest shells first. Under operation g of the group the
    ///   coefficients of a copy transform with the irrep's matrix D(g).
    ///   Projection operators P_{c1} = (d/|G|) Σ_g D(g)_{c1} M(g): Tinkham, *Group Theory and Quantum Mechanics*, §3-8.
    public func basis(of irrep: Irrep) -> [[[Double]]] {
        var copies: [[[Double]]] = []
        let components = componentCount
        for shell in shells {
            var rows: [[Double]] = []
            for value in shell.lowerBound * components..<shell.upperBound * components {
                if let row = orthogonalised(projected(value, irrep: irrep, row: 0), to: rows) {
                    rows.append(row)
                    copies.append(
                        (0..<irrep.dimension).map { partner in
                            var image = [Double](repeating: 0, count: valueCount)
                            for (value, weight) in row.enumerated() where weight != 0 {
                                let part = projected(value, irrep: irrep, row: partner)
                                for k in image.indices { image[k] += weight * part[k] }
                            }
                            return image
                        })
                }
            }
        }
        return copies
    }

    /// P_{row,1} applied to the unit vector of one value.
    private func projected(_ value: Int, irrep: Irrep, row: Int) -> [Double] {
        let count = componentCount
        let (site, component) = (value / count, value % count)
        var result = [Double](repeating: 0, count: valueCount)
        for g in group.operations.indices {
            let weight = irrep.matrices[g][row][0] * Double(irrep.dimension) / Double(group.order)
            for c in 0..<count {
                result[permutations[g][site] * count + c] += weight * turns[g][c][component]
            }
        }
        return result
    }
}
