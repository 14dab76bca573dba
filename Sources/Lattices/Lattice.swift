/// A Bravais lattice with a basis and its bonds, which come in shells: between nearest neighbours, next-nearest ones, ….
public struct Lattice: Sendable, Equatable {
    /// As errors and files name it: `square`.
    public let name: String
    /// Cartesian components of the d primitive vectors, in lattice constants.
    public let primitiveVectors: [[Double]]
    /// Positions of the sites in the cell, in fractions of the primitive vectors.
    public let basis: [[Double]]
    /// Every bond once; a bond and its reverse are the same. What a lattice file lists, and what ``withShells(_:)`` appends to it.
    public let bonds: [Bond]

    /// A bond from site `from` of a cell to site `to` of the cell `cell` primitive vectors away.
    public struct Bond: Sendable, Hashable {
        /// Index in the basis of the site at one end.
        public let from: Int
        /// Index in the basis of the site at the other end.
        public let to: Int
        /// From the cell of `from` to that of `to`, in primitive vectors.
        public let cell: [Int]
        /// 1 for nearest neighbours. A model treats all bonds of a shell alike, and no symmetry takes a bond to another shell.
        public let shell: Int

        /// A bond that is checked when a lattice is made of it.
        public init(from: Int, to: Int, cell: [Int], shell: Int = 1) {
            self.from = from
            self.to = to
            self.cell = cell
            self.shell = shell
        }

        /// The same bond seen from its other end.
        public var reversed: Bond { Bond(from: to, to: from, cell: cell.map { -$0 }, shell: shell) }
    }

    /// d, the number of primitive vectors.
    public var dimension: Int { primitiveVectors.count }

    /// - Throws: ``LatticeError`` naming the key of the lattice file that is wrong.
    public init(name: String, primitiveVectors: [[Double]], basis: [[Double]], bonds: [Bond]) throws {
        let dimension = primitiveVectors.count
        guard (1...3).contains(dimension) else {
            throw LatticeError(key: "primitive_vectors", problem: "\(dimension) vectors; one, two or three are allowed")
        }
        for (k, vector) in primitiveVectors.enumerated() {
            guard vector.count == dimension, vector.allSatisfy({ abs($0) <= 1000 }) else {
                let needed = "\(dimension) components of magnitude up to 1000 are needed"
                throw LatticeError(key: "primitive_vectors[\(k)]", problem: "\(vector); \(needed)")
            }
        }
        guard abs(determinant(primitiveVectors)) > 1e-9 else {
            throw LatticeError(key: "primitive_vectors", problem: "the vectors are linearly dependent")
        }
        // With larger bounds the search for symmetries takes too long, see PointGroup.
        let bounds = Self.cellBounds(primitiveVectors, within: primitiveVectors.map(norm).max()!)
        guard bounds.reduce(1, { $0 * (2 * $1 + 1) }) <= 1e6 else {
            throw LatticeError(
                key: "primitive_vectors",
                problem:
                    "\(primitiveVectors); shorter vectors of the same lattice are needed: less skewed, and of similar lengths")
        }
        guard !basis.isEmpty else { throw LatticeError(key: "basis", problem: "empty; at least one site is needed") }
        for (k, position) in basis.enumerated() {
            guard position.count == dimension, position.allSatisfy({ abs($0) <= 64 }) else {
                let needed = "\(dimension) components of magnitude up to 64 are needed"
                throw LatticeError(key: "basis[\(k)]", problem: "\(position); \(needed)")
            }
            // Symmetries identify sites by their positions.
            let twin = basis[..<k].firstIndex { zip($0, position).allSatisfy { abs($0 - $1 - ($0 - $1).rounded()) < 1e-6 } }
            if let twin {
                throw LatticeError(key: "basis[\(k)]", problem: "\(position); basis[\(twin)] has the same position")
            }
        }
        var listed: [Bond: Int] = [:]
        for (k, bond) in bonds.enumerated() {
            guard basis.indices.contains(bond.from), basis.indices.contains(bond.to) else {
                let problem = "sites \(bond.from) and \(bond.to); 0…\(basis.count - 1) are allowed"
                throw LatticeError(key: "bonds[\(k)]", problem: problem)
            }
            guard bond.cell.count == dimension, bond.cell.allSatisfy(Self.bondCells.contains) else {
                throw LatticeError(key: "bonds[\(k)].cell", problem: "\(bond.cell); \(dimension) integers up to 64 are needed")
            }
            guard bond.from != bond.to || bond.cell.contains(where: { $0 != 0 }) else {
                throw LatticeError(key: "bonds[\(k)]", problem: "joins a site to itself")
            }
            guard Self.shells.contains(bond.shell) else {
                let allowed = "\(Self.shells.lowerBound) to \(Self.shells.upperBound) is allowed"
                throw LatticeError(key: "bonds[\(k)].shell", problem: "\(bond.shell); \(allowed)")
            }
            let ends = Bond(from: bond.from, to: bond.to, cell: bond.cell)
            if let twin = listed[ends] ?? listed[ends.reversed] {
                throw LatticeError(key: "bonds[\(k)]", problem: "the same bond as bonds[\(twin)]; every bond is listed once")
            }
            listed[ends] = k
        }
        let shells = Set(bonds.map(\.shell))
        if let k = bonds.firstIndex(where: { $0.shell > 1 && !shells.contains($0.shell - 1) }) {
            let problem = "\(bonds[k].shell), but no bond has shell \(bonds[k].shell - 1); shells are numbered without gaps"
            throw LatticeError(key: "bonds[\(k)].shell", problem: problem)
        }
        self.name = name
        self.primitiveVectors = primitiveVectors
        self.basis = basis
        self.bonds = bonds
    }

    /// The Cartesian position of site `site` in the cell `cell`.
    public func position(cell: [Int], site: Int = 0) -> [Double] {
        cartesian(zip(cell, basis[site]).map { Double($0) + $1 })
    }

    /// Bonds leaving basis site `site`, in both directions of every listed bond.
    public func directedBonds(from site: Int) -> [Bond] {
        (bonds + bonds.map(\.reversed)).filter { $0.from == site }
    }

    /// The largest shell of a bond; 0 without bonds.
    public var shellCount: Int { bonds.map(\.shell).max() ?? 0 }

    /// What the shell of a bond may be.
    public static var shells: ClosedRange<Int> { 1...64 }
    private static var bondCells: ClosedRange<Int> { -64...64 }

    /// The lattice with so many shells of bonds: its own, and behind them further ones that are found by distance.
    ///
    /// A further shell holds every pair of sites at the next larger distance than those of all bonds before it, in any direction, and
    /// has the next number. Distances are equal if they agree to 10⁻⁶ of themselves or of the longest primitive vector. Of a bond and
    /// its reverse the one is listed that has the smaller `from`, or else a positive number first in its cell; the bonds of a shell
    /// follow one another by `from`, by `to`, and by falling cell: (1, 1) before (1, −1).
    ///
    /// - Parameter count: of all shells. A lattice that has as many or more is returned as it is.
    /// - Throws: ``LatticeError`` for a count outside ``shells`` and for bonds that reach too far.
    public func withShells(_ count: Int) throws -> Lattice {
        let key = "shells"
        guard Self.shells.contains(count) else {
            let allowed = "\(Self.shells.lowerBound) to \(Self.shells.upperBound) is allowed"
            throw LatticeError(key: key, problem: "\(count); \(allowed)")
        }
        guard count > shellCount else { return self }
        let lengths = primitiveVectors.map(norm)
        let longest = lengths.max()!
        func isFarther(_ a: Double, than b: Double) -> Bool { a - b > 1e-6 * max(a, longest) }
        let tooFar = LatticeError(key: key, problem: "\(count); reach over too many cells of the \(name) lattice")
        let reached = bonds.map(length(of:)).max() ?? 0
        var radius = max(reached, lengths.min()!)
        while true {
            radius *= 1.5
            let cells = cellBounds(within: radius).reduce(1) { $0 * (2 * $1 + 1) }
            guard cells <= 1e6, cells * Double(basis.count * basis.count) <= 1e7 else { throw tooFar }
            let pairs = pairs(within: radius).filter { isFarther($0.length, than: reached) }.sorted { $0.length < $1.length }
            var (found, last): ([[Bond]], Double) = ([], reached)
            for pair in pairs {
                if isFarther(pair.length, than: last) {
                    // The first pair beyond the last shell that is wanted: all shells are complete.
                    guard shellCount + found.count < count else {
                        let more = found.flatMap { $0.sorted(by: Self.precedes) }
                        return try Lattice(name: name, primitiveVectors: primitiveVectors, basis: basis, bonds: bonds + more)
                    }
                    found.append([])
                    last = pair.length
                }
                let (bond, shell) = (pair.bond, shellCount + found.count)
                guard bond.cell.allSatisfy(Self.bondCells.contains) else { throw tooFar }
                found[found.count - 1].append(Bond(from: bond.from, to: bond.to, cell: bond.cell, shell: shell))
            }
        }
    }

    /// The distance of the two sites of a bond.
    private func length(of bond: Bond) -> Double {
        let start = position(cell: bond.cell.map { _ in 0 }, site: bond.from)
        return norm(zip(position(cell: bond.cell, site: bond.to), start).map { $0 - $1 })
    }

    /// All pairs of sites up to a distance, each once.
    private func pairs(within radius: Double) -> [(bond: Bond, length: Double)] {
        let bounds = cellBounds(within: radius)
        return basis.indices.flatMap { from in
            basis.indices[from...].flatMap { to -> [(bond: Bond, length: Double)] in
                let ranges = (0..<dimension).map { axis -> ClosedRange<Int> in
                    let offset = basis[from][axis] - basis[to][axis]
                    return Int((offset - bounds[axis]).rounded(.down))...Int((offset + bounds[axis]).rounded(.up))
                }
                let cells = ranges.reduce([[]]) { partial, range in partial.flatMap { head in range.map { head + [$0] } } }
                return cells.filter { cell in from < to || cell.first { $0 != 0 }.map { $0 > 0 } ?? false }
                    .map { Bond(from: from, to: to, cell: $0) }.map { ($0, length(of: $0)) }.filter { $0.1 <= radius }
            }
        }
    }

    /// The order of the bonds of a shell that is found.
    private static func precedes(_ a: Bond, _ b: Bond) -> Bool {
        if (a.from, a.to) != (b.from, b.to) { return (a.from, a.to) < (b.from, b.to) }
        return b.cell.lexicographicallyPrecedes(a.cell)
    }

    /// The largest number of bond ends at one site.
    package var mostNeighbors: Int {
        basis.indices.map { site in bonds.reduce(0) { $0 + ($1.from == site ? 1 : 0) + ($1.to == site ? 1 : 0) } }.max()!
    }

    /// The largest sum over the bond ends of a site of a number for each shell; shells beyond the numbers count as 0.
    package func largestSum(byShell numbers: [Double]) -> Double {
        basis.indices.map { site in
            numbers.enumerated().reduce(0) { sum, number in
                let shell = bonds.filter { $0.shell == number.offset + 1 }
                return sum + Double(shell.count { $0.from == site } + shell.count { $0.to == site }) * number.element
            }
        }.max()!
    }

    /// Scalar products of lattice vectors that differ by less count as equal, because lattice files hold rounded numbers.
    package var rounding: Double { 1e-6 * primitiveVectors.map { $0.reduce(0) { $0 + $1 * $1 } }.max()! }

    /// How large the cell coordinates of lattice vectors of a length can be: |n_k| ≤ |b_k| |r| with the dual vectors b_k.
    func cellBounds(within length: Double) -> [Double] { Self.cellBounds(primitiveVectors, within: length) }

    private static func cellBounds(_ vectors: [[Double]], within length: Double) -> [Double] {
        let dual = inverseMatrix(vectors)
        return vectors.indices.map { k in norm(dual.map { $0[k] }) * length }
    }

    func cartesian(_ fraction: [Double]) -> [Double] {
        (0..<dimension).map { axis in zip(fraction, primitiveVectors).reduce(0) { $0 + $1.0 * $1.1[axis] } }
    }
}

/// A lattice that makes no sense.
public struct LatticeError: Error, CustomStringConvertible, Sendable {
    /// The key of the file that is wrong: `bonds[1].cell`, ….
    public let key: String
    /// The value, and what is allowed.
    public let problem: String
    public var description: String { "\(key): \(problem)" }

    /// An error about the value of `key`.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }
}

private func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// The determinant of a square matrix, by expansion along its first row.
func determinant(_ m: [[Double]]) -> Double {
    guard m.count > 1 else { return m[0][0] }
    var sum = 0.0
    for column in m.indices {
        let minor = m.dropFirst().map { row in row.indices.filter { $0 != column }.map { row[$0] } }
        sum += (column % 2 == 0 ? 1 : -1) * m[0][column] * determinant(minor)
    }
    return sum
}
