import Synchronization

/// What a site has: one or several numbers, how symmetries turn them, and whether they are free or the components of a unit vector.
public struct SiteVariable: Hashable, Sendable {
    /// What physicists call it: `displacement`, `spin`.
    public let name: String
    /// How it transforms, and so the number of its components.
    public let kind: Kind
    /// Which values it may have.
    public let space: Space

    /// How the components of a site transform under an operation R of the point group.
    public enum Kind: Hashable, Sendable {
        /// One number, unchanged.
        case scalar
        /// A Cartesian vector v → R v of as many components as the lattice has dimensions: a displacement.
        case polarVector
        /// Three components, v → det(R) R v, as those of a magnetic moment that its crystal holds. R leaves the axes that the lattice does
        /// not have as they are, so that a mirror of the plane turns the component along its third axis around.
        case axialVector
        /// Three components that the lattice leaves as they are: a spin without spin–orbit coupling.
        case spin
        /// The components of irreps of the point group, one after another: `["B1", "A1"]`. The symbols are those of
        /// ``PointGroup/irreps()`` on the lattice of the field, and so are components, but that of two the second has the sign that a
        /// turn from x to y takes the first to: E2 of the triangular lattice is (x² − y², 2xy).
        case irreps([String])
    }

    /// The values that a variable may have.
    public enum Space: Hashable, Sendable {
        /// All.
        case flat
        /// Those of length 1.
        case sphere
    }

    /// A variable of that name.
    public init(_ name: String, _ kind: Kind, on space: Space = .flat) {
        (self.name, self.kind, self.space) = (name, kind, space)
    }
}

extension SiteVariable.Kind {
    /// Numbers a site.
    public func count(in lattice: Lattice) -> Int {
        switch self {
        case .scalar: 1
        case .polarVector: lattice.dimension
        case .axialVector, .spin: 3
        case .irreps(let symbols): symbols.reduce(0) { $0 + Self.dimension(ofIrrep: $1) }
        }
    }

    /// d of the letter of a Mulliken symbol.
    private static func dimension(ofIrrep symbol: String) -> Int {
        switch symbol.first {
        case "A", "B": 1
        case "E": 2
        case "T": 3
        case "G": 4
        default: 0
        }
    }

    /// Whether an operation changes no component.
    public var isUnchanged: Bool { self == .scalar || self == .spin }

    /// - Throws: ``LatticeError`` if the point group of the lattice does not have the irreps, or if there are none.
    public func validate(on lattice: Lattice) throws {
        guard case .irreps(let symbols) = self else { return }
        let known = PointGroup(of: lattice).irreps().map(\.name)
        guard !symbols.isEmpty, symbols.allSatisfy(known.contains) else {
            throw LatticeError(
                key: "lattice",
                problem: "a site variable that transforms as \(self) is not for the \(lattice.name) lattice, whose irreps are "
                    + known.joined(separator: ", "))
        }
    }

    /// matrices[g]: what operation g of a point group does to the components of a site.
    ///
    /// - Parameter group: of a lattice that ``validate(on:)`` accepts.
    public func matrices(in group: PointGroup) -> [[[Double]]] {
        guard case .irreps(let symbols) = self else { return group.operations.map(matrix) }
        let known = group.irreps()
        let irreps = symbols.map { symbol in
            guard let irrep = known.first(where: { $0.name == symbol }) else {
                preconditionFailure("an irrep of the point group")
            }
            return irrep
        }
        let turn = group.generators.first ?? 0
        return group.operations.indices.map { g in
            Self.diagonal(
                irreps.map { irrep in
                    let isReversed = irrep.dimension == 2 && irrep.matrices[turn][1][0] < -1e-9
                    return isReversed ? Self.reversed(irrep.matrices[g]) : irrep.matrices[g]
                })
        }
    }

    /// A matrix of two rows with the other sign of the second component.
    private static func reversed(_ m: [[Double]]) -> [[Double]] { [[m[0][0], -m[0][1]], [-m[1][0], m[1][1]]] }

    /// What one operation of the point group of a lattice does to the components of a site.
    func matrix(of operation: PointGroup.Operation, on lattice: Lattice) -> [[Double]] {
        guard case .irreps = self else { return matrix(of: operation) }
        let entry = Self.known.withLock { known -> Known in
            if let entry = known.first(where: { $0.kind == self && $0.lattice == lattice }) { return entry }
            let group = PointGroup(of: lattice)
            let entry = Known(kind: self, lattice: lattice, group: group, matrices: matrices(in: group))
            known = [entry] + known.prefix(7)
            return entry
        }
        guard let g = entry.group.operations.firstIndex(of: operation) else { preconditionFailure("an operation of the lattice") }
        return entry.matrices[g]
    }

    /// What was last asked for: irreps take long to find.
    private struct Known {
        let kind: SiteVariable.Kind
        let lattice: Lattice
        let group: PointGroup
        let matrices: [[[Double]]]
    }
    private static let known = Mutex<[Known]>([])

    /// The same where the operation alone tells.
    private func matrix(of operation: PointGroup.Operation) -> [[Double]] {
        let unit = (0..<3).map { row in (0..<3).map { $0 == row ? 1.0 : 0 } }
        switch self {
        case .scalar: return [[1]]
        case .polarVector: return operation.matrix
        case .axialVector:
            let sign = determinant(operation.matrix) > 0 ? 1.0 : -1.0
            let rest = 3 - operation.matrix.count
            let free = unit.suffix(rest).map { Array($0.suffix(rest)) }
            return Self.diagonal([operation.matrix, free]).map { $0.map { sign * $0 } }
        case .spin: return unit
        case .irreps: preconditionFailure("the matrices of irreps come with their group")
        }
    }

    /// The matrix that has others along its diagonal.
    private static func diagonal(_ blocks: [[[Double]]]) -> [[Double]] {
        let size = blocks.reduce(0) { $0 + $1.count }
        var rows: [[Double]] = []
        for block in blocks {
            let first = rows.count
            for values in block {
                var row = [Double](repeating: 0, count: size)
                row.replaceSubrange(first..<first + values.count, with: values)
                rows.append(row)
            }
        }
        return rows
    }
}

// As files and messages have it.
extension SiteVariable.Kind: LosslessStringConvertible {
    public var description: String {
        switch self {
        case .scalar: "scalar"
        case .polarVector: "polar vector"
        case .axialVector: "axial vector"
        case .spin: "spin"
        case .irreps(let symbols): symbols.joined(separator: " + ")
        }
    }

    /// Reads a description; nil for other text. `vector` is the word of earlier files for a polar vector.
    public init?(_ description: String) {
        if let kind = [Self.scalar, .polarVector, .axialVector, .spin].first(where: { $0.description == description }) {
            self = kind
        } else if description == "vector" {
            self = .polarVector
        } else {
            let symbols = description.split(separator: " + ", omittingEmptySubsequences: false).map(String.init)
            guard symbols.allSatisfy({ Self.dimension(ofIrrep: $0) > 0 }) else { return nil }
            self = .irreps(symbols)
        }
    }
}
