/// A piece of a lattice: `size` cells along each primitive vector, with periodic or open ends in each direction.
///
/// Cells are ordered row-major with the first direction fastest, sites of a cell next to one another:
/// site = ((z·Ly + y)·Lx + x)·basis + b, so a field on the square lattice is an array [y][x].
public struct Supercell: Sendable, Equatable {
    /// The lattice it is a piece of.
    public private(set) var lattice: Lattice
    /// Cells in each direction, [Lx, Ly, …].
    public let size: [Int]
    /// Whether bonds wrap around, along each primitive vector; where they do not, the outermost cells have fewer neighbours.
    public let periodic: [Bool]
    /// Where its cells lie in a larger supercell; nil if it is a whole. Equality does not ask for it: fields of two pieces of one shape
    /// are alike.
    public private(set) var place: Place?

    /// Where the cells of a piece lie in a whole.
    public struct Place: Sendable, Hashable {
        /// The coordinates in the whole of the piece's cell 0, not necessarily inside of it.
        public let origin: [Int]
        /// Cells of the whole in each direction.
        public let whole: [Int]
    }

    public static func == (a: Supercell, b: Supercell) -> Bool {
        a.size == b.size && a.periodic == b.periodic && a.lattice == b.lattice
    }

    /// - Parameters:
    ///   - lattice: the lattice it is a piece of.
    ///   - size: cells in each direction.
    ///   - periodic: whether each direction is periodic; all are if nil.
    /// - Throws: ``LatticeError`` if `size` or `periodic` has the wrong length, a side is below 1, or there are more than
    ///   2³¹ sites.
    public init(_ lattice: Lattice, size: [Int], periodic: [Bool]? = nil) throws {
        guard size.count == lattice.dimension else {
            throw LatticeError(key: "size", problem: "\(size); the \(lattice.name) lattice needs \(lattice.dimension) sides")
        }
        guard size.allSatisfy({ (1...1 << 20).contains($0) }),
            size.map(Double.init).reduce(Double(lattice.basis.count), *) < 0x1p31
        else {
            throw LatticeError(key: "size", problem: "\(size); every side is at least 1, and 2³¹ sites at most are allowed")
        }
        let periodic = periodic ?? size.map { _ in true }
        guard periodic.count == lattice.dimension else {
            throw LatticeError(
                key: "periodic", problem: "\(periodic); the \(lattice.name) lattice has \(lattice.dimension) directions")
        }
        self.lattice = lattice
        self.size = size
        self.periodic = periodic
    }

    /// The same cells as a piece of a larger supercell, or of what that is a piece of.
    ///
    /// - Parameter origin: the coordinates in `whole` of the piece's cell 0; they may lie beyond its periodic sides.
    public func piece(of whole: Supercell, at origin: [Int]) -> Supercell {
        var piece = self
        piece.place = Place(
            origin: zip(origin, whole.place?.origin ?? origin.map { _ in 0 }).map(+), whole: whole.place?.whole ?? whole.size)
        return piece
    }

    /// The same cells with the bonds of a lattice that has the same cells and sites, and in the same place.
    public func with(_ lattice: Lattice) -> Supercell {
        precondition(
            lattice.dimension == self.lattice.dimension && lattice.basis.count == self.lattice.basis.count,
            "as many cells and sites")
        var other = self
        other.lattice = lattice
        return other
    }

    /// The supercell whose fields are arrays of this ``shape``.
    ///
    /// - Throws: ``LatticeError`` for another number of axes or of sites of a cell, and as the other initializer does.
    public init(_ lattice: Lattice, shape: [Int], periodic: [Bool]? = nil) throws {
        let axes = Self.axes(of: lattice)
        guard shape.count == axes.count, lattice.basis.count == 1 || shape.last == lattice.basis.count else {
            throw LatticeError(key: "shape", problem: "\(shape); (\(axes.joined(separator: ", "))) is needed")
        }
        try self.init(lattice, size: shape.prefix(lattice.dimension).reversed(), periodic: periodic)
    }

    /// The axes of ``shape`` as messages name them: Ly, Lx on the square lattice, Ly, Lx, 2 on honeycomb.
    public static func axes(of lattice: Lattice) -> [String] {
        ["Lx", "Ly", "Lz"].prefix(lattice.dimension).reversed() + (lattice.basis.count > 1 ? ["\(lattice.basis.count)"] : [])
    }

    /// Whether there are no open ends: only then do translations map the supercell onto itself.
    public var isPeriodic: Bool { periodic.allSatisfy(\.self) }

    /// The shortest distance from a site to its own periodic image; infinite with open ends alone.
    package var shortestPeriod: Double {
        func length(_ periods: [Int]) -> Double {
            lattice.cartesian(zip(periods, size).map { Double($0 * $1) }).reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let directions = size.indices.filter { periodic[$0] }
        guard let side = directions.map({ axis in length(size.indices.map { $0 == axis ? 1 : 0 }) }).min() else {
            return .infinity
        }
        // On a skewed lattice it may be the sum of several periods.
        let bounds = zip(lattice.cellBounds(within: side), size).map { Int($0 / Double($1) + 1e-9) }
        return integerVectors(limits: zip(bounds, periodic).map { $1 ? $0 : 0 }).filter { $0.contains { $0 != 0 } }.map(length)
            .min() ?? side
    }

    /// The product of the sides.
    public var cellCount: Int { size.reduce(1, *) }
    /// Cells times sites of a cell.
    public var siteCount: Int { cellCount * lattice.basis.count }

    /// The axes of an array with a number for every site, slowest first: cells along z, y and x, then the sites of a cell. Axes
    /// that the lattice does not have are left out: (Ly, Lx) on the square lattice, (Lx) on a chain, (Ly, Lx, 2) on honeycomb.
    ///
    /// ``SiteField/shape`` adds the components; its product is ``siteCount``.
    public var shape: [Int] { size.reversed() + (lattice.basis.count > 1 ? [lattice.basis.count] : []) }

    /// The cell coordinates [x, y, …] of a site.
    public func cell(of site: Int) -> [Int] {
        var rest = site / lattice.basis.count
        return size.map { side in
            defer { rest /= side }
            return rest % side
        }
    }

    /// The coordinates in the whole of every cell, in their order: its own where it is no piece, wrapped around otherwise.
    public func cellsOfWhole() -> [[Int]] {
        let (origin, whole) = (place?.origin ?? size.map { _ in 0 }, place?.whole ?? size)
        let coordinates = size.indices.map { axis in
            (0..<size[axis]).map {
                let cell = ($0 + origin[axis]) % whole[axis]
                return cell < 0 ? cell + whole[axis] : cell
            }
        }
        return coordinates.reversed().reduce([[]]) { slower, axis in slower.flatMap { rest in axis.map { [$0] + rest } } }
    }

    /// The site at the given cell coordinates, wrapped around in every direction: arithmetic of indices, also along an open
    /// direction, where no bond wraps.
    public func site(cell: [Int], basis: Int = 0) -> Int {
        var index = 0
        for (coordinate, side) in zip(cell, size).reversed() {
            index = index * side + ((coordinate % side) + side) % side
        }
        return index * lattice.basis.count + basis
    }

    /// neighbors[bond][site]: the site at the far end of every directed bond, one row a directed bond vector; −1 where there
    /// is none.
    ///
    /// On the square lattice there are four rows. Every directed vector counts: with a periodic side of 2 a neighbour appears
    /// twice. A bond is missing beyond an open end. Rows exist per directed bond of basis site 0; on lattices with a basis each
    /// site's own bonds are enumerated in order.
    public func neighborTable() -> [[Int32]] {
        let basis = lattice.basis.count
        let bonds = lattice.basis.indices.map { lattice.directedBonds(from: $0) }
        return (0..<(bonds.map(\.count).max() ?? 0)).map { row in
            var table = [Int32](repeating: -1, count: siteCount)
            for own in bonds where row < own.count {
                for (cell, other) in cells(displacedBy: own[row].cell).enumerated() where other >= 0 {
                    table[cell * basis + own[row].from] = Int32(other * basis + own[row].to)
                }
            }
            return table
        }
    }

    /// Every bond of the supercell once, as a pair of sites; with a periodic side of 2 a pair appears twice, and bonds beyond
    /// an open end are left out.
    public func bondPairs() -> [(Int, Int)] {
        let basis = lattice.basis.count
        let ends = lattice.bonds.map { cells(displacedBy: $0.cell) }
        return (0..<cellCount).flatMap { cell in
            zip(lattice.bonds, ends).compactMap { bond, end in
                end[cell] < 0 ? nil : (cell * basis + bond.from, end[cell] * basis + bond.to)
            }
        }
    }

    /// Which of the lattice's bonds each pair of ``bondPairs()`` is, as an index of `lattice.bonds`: its shell and direction follow.
    public func bondIndices() -> [Int] {
        let ends = lattice.bonds.map { cells(displacedBy: $0.cell) }
        return (0..<cellCount).flatMap { cell in ends.indices.filter { ends[$0][cell] >= 0 } }
    }

    /// The index of the cell that lies `displacement` from each cell, −1 beyond an open end.
    private func cells(displacedBy displacement: [Int]) -> [Int] {
        // Direction after direction, the slowest first.
        size.indices.reversed().reduce([0]) { slower, axis in
            let side = size[axis]
            let targets = (0..<side).map { coordinate -> Int in
                let target = coordinate + displacement[axis]
                if !periodic[axis], !(0..<side).contains(target) { return -1 }
                return (target % side + side) % side
            }
            return slower.flatMap { base in targets.map { base < 0 || $0 < 0 ? -1 : base * side + $0 } }
        }
    }

    /// +1 and −1 on the two sublattices of a bipartite lattice, every bond joining opposite signs in the infinite lattice;
    /// nil if the lattice is not bipartite or a periodic direction frustrates it (an odd side of the square lattice does; an
    /// open one of any length does not).
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
