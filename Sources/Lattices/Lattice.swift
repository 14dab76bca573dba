/// A Bravais lattice with a basis and its nearest-neighbour bonds.
public struct Lattice: Sendable, Equatable {
    /// As errors and files name it: `square`.
    public let name: String
    /// Cartesian components of the d primitive vectors, in lattice constants.
    public let primitiveVectors: [[Double]]
    /// Positions of the sites in the cell, in fractions of the primitive vectors.
    public let basis: [[Double]]
    /// Every bond once; a bond and its reverse are the same.
    public let bonds: [Bond]

    /// A bond from site `from` of a cell to site `to` of the cell `cell` primitive vectors away.
    public struct Bond: Sendable, Equatable {
        /// Index in the basis of the site at one end.
        public let from: Int
        /// Index in the basis of the site at the other end.
        public let to: Int
        /// From the cell of `from` to that of `to`, in primitive vectors.
        public let cell: [Int]

        /// A bond that is checked when a lattice is made of it.
        public init(from: Int, to: Int, cell: [Int]) {
            self.from = from
            self.to = to
            self.cell = cell
        }

        /// The same bond seen from its other end.
        public var reversed: Bond { Bond(from: to, to: from, cell: cell.map { -$0 }) }
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
        for (k, bond) in bonds.enumerated() {
            guard basis.indices.contains(bond.from), basis.indices.contains(bond.to) else {
                let problem = "sites \(bond.from) and \(bond.to); 0…\(basis.count - 1) are allowed"
                throw LatticeError(key: "bonds[\(k)]", problem: problem)
            }
            guard bond.cell.count == dimension, bond.cell.allSatisfy((-64...64).contains) else {
                throw LatticeError(key: "bonds[\(k)].cell", problem: "\(bond.cell); \(dimension) integers up to 64 are needed")
            }
            guard bond.from != bond.to || bond.cell.contains(where: { $0 != 0 }) else {
                throw LatticeError(key: "bonds[\(k)]", problem: "joins a site to itself")
            }
            if let twin = bonds[..<k].firstIndex(where: { $0 == bond || $0 == bond.reversed }) {
                throw LatticeError(key: "bonds[\(k)]", problem: "the same bond as bonds[\(twin)]; every bond is listed once")
            }
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

    /// The largest number of bond ends at one site.
    package var mostNeighbors: Int {
        basis.indices.map { site in bonds.reduce(0) { $0 + ($1.from == site ? 1 : 0) + ($1.to == site ? 1 : 0) } }.max()!
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
