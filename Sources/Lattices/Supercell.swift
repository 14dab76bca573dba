/// A periodic piece of a lattice: `size` cells along each primitive vector.
///
/// Cells are ordered row-major with the first direction fastest, sites of a cell next to one another:
/// site = ((z·Ly + y)·Lx + x)·basis + b, so a field on the square lattice is an array [y][x].
public struct Supercell: Sendable, Equatable {
    /// The lattice it is a piece of.
    public let lattice: Lattice
    /// Cells in each direction, [Lx, Ly, …].
    public let size: [Int]

    /// - Throws: ``LatticeError`` if `size` has the wrong length, a side below 1, or more than 2³¹ sites.
    public init(_ lattice: Lattice, size: [Int]) throws {
        guard size.count == lattice.dimension else {
            throw LatticeError(key: "size", problem: "\(size); the \(lattice.name) lattice needs \(lattice.dimension) sides")
        }
        guard size.allSatisfy({ (1...1 << 20).contains($0) }),
            size.map(Double.init).reduce(Double(lattice.basis.count), *) < 0x1p31
        else {
            throw LatticeError(key: "size", problem: "\(size); every side is at least 1, and 2³¹ sites at most are allowed")
        }
        self.lattice = lattice
        self.size = size
    }

    /// The product of the sides.
    public var cellCount: Int { size.reduce(1, *) }
    /// Cells times sites of a cell.
    public var siteCount: Int { cellCount * lattice.basis.count }

    /// The cell coordinates [x, y, …] of a site.
    public func cell(of site: Int) -> [Int] {
        var rest = site / lattice.basis.count
        return size.map { side in
            defer { rest /= side }
            return rest % side
        }
    }

    /// The site at the given cell coordinates, wrapped periodically.
    public func site(cell: [Int], basis: Int = 0) -> Int {
        var index = 0
        for (coordinate, side) in zip(cell, size).reversed() {
            index = index * side + ((coordinate % side) + side) % side
        }
        return index * lattice.basis.count + basis
    }

    /// neighbors[bond][site]: the site at the far end of every directed bond, one row a directed bond vector.
    ///
    /// On the square lattice there are four rows. Every directed vector counts: with a side of 2 a neighbour appears twice.
    /// Rows exist per directed bond of basis site 0; on lattices with a basis each site's own bonds are enumerated in order.
    public func neighborTable() -> [[Int32]] {
        let bonds = lattice.basis.indices.map { lattice.directedBonds(from: $0) }
        let rows = bonds.map(\.count).max() ?? 0
        return (0..<rows).map { row in
            (0..<siteCount).map { site in
                let own = bonds[site % lattice.basis.count]
                guard row < own.count else { return -1 }
                let bond = own[row]
                return Int32(self.site(cell: zip(cell(of: site), bond.cell).map { $0 + $1 }, basis: bond.to))
            }
        }
    }

    /// Every bond of the supercell once, as a pair of sites; with a side of 2 a pair appears twice.
    public func bondPairs() -> [(Int, Int)] {
        (0..<cellCount).flatMap { index in
            let origin = cell(of: index * lattice.basis.count)
            return lattice.bonds.map { bond in
                (index * lattice.basis.count + bond.from, site(cell: zip(origin, bond.cell).map { $0 + $1 }, basis: bond.to))
            }
        }
    }

    /// +1 and −1 on the two sublattices of a bipartite lattice, every bond joining opposite signs in the infinite lattice;
    /// nil if the lattice is not bipartite or a periodic direction frustrates it (an odd side of the square lattice does).
    public func sublatticeSigns() -> [Double]? {
        var signs = [Double](repeating: 0, count: siteCount)
        let neighbors = neighborTable()
        for start in 0..<siteCount where signs[start] == 0 {
            signs[start] = 1
            var queue = [start]
            while let site = queue.popLast() {
                for row in neighbors {
                    let other = Int(row[site])
                    if other < 0 { continue }
                    if signs[other] == 0 {
                        signs[other] = -signs[site]
                        queue.append(other)
                    } else if signs[other] == signs[site] {
                        return nil
                    }
                }
            }
        }
        return signs
    }
}
