/// The symmetry group of a lattice about site 0, found from its geometry.
///
/// An operation is an orthogonal matrix that maps the lattice, its basis and each shell of its bonds onto themselves and leaves
/// site 0 where it is: the eight operations of C4v for the square lattice.
public struct PointGroup: Sendable, Equatable {
    /// The operations; the first is the identity.
    public let operations: [Operation]
    /// product[g][h]: the index of the operation g∘h (h acts first).
    public let product: [[Int]]

    /// One symmetry operation.
    public struct Operation: Sendable, Equatable {
        /// The Cartesian orthogonal matrix R.
        public let matrix: [[Double]]
        /// The same operation on cell coordinates: integers, column k the image of primitive vector k.
        public let cellMatrix: [[Int]]
        /// Where a basis site goes: its new index, and the cell shift beyond `cellMatrix`.
        let siteImage: [Int]
        let siteShift: [[Int]]

        /// The cell and basis index that a site is mapped to.
        public func image(ofCell cell: [Int], site: Int = 0) -> (cell: [Int], site: Int) {
            let rotated = cellMatrix.map { row in zip(row, cell).reduce(0) { $0 + $1.0 * $1.1 } }
            return (zip(rotated, siteShift[site]).map { $0 + $1 }, siteImage[site])
        }
    }

    /// |G|, the number of operations.
    public var order: Int { operations.count }

    /// The subgroup of the operations that are wanted.
    ///
    /// - Parameter isWanted: true of the identity, and of the product of any two operations it is true of.
    public func subgroup(_ isWanted: (Operation) -> Bool) -> PointGroup {
        let indices = operations.indices.filter { isWanted(operations[$0]) }
        precondition(indices.first == 0, "a group holds the identity")
        let product = indices.map { g in
            indices.map { h -> Int in
                guard let image = indices.firstIndex(of: self.product[g][h]) else {
                    preconditionFailure("the product of two operations of a group is one of them")
                }
                return image
            }
        }
        return PointGroup(operations: indices.map { operations[$0] }, product: product)
    }

    /// The first operation g of every left coset gH of a subgroup H, so the identity first: each operation of the group is one of
    /// them times one of H.
    public func cosets(of subgroup: PointGroup) -> [Operation] {
        let members = subgroup.operations.map { member in operations.firstIndex(of: member)! }
        var seen: Set<Int> = []
        return operations.indices.filter { g in
            guard !seen.contains(g) else { return false }
            seen.formUnion(members.map { product[g][$0] })
            return true
        }.map { operations[$0] }
    }

    private init(operations: [Operation], product: [[Int]]) {
        self.operations = operations
        self.product = product
    }

    /// Finds the operations about site 0 that map the lattice with its basis and bonds onto itself.
    public init(of lattice: Lattice) {
        let dimension = lattice.dimension
        let bonds = Set(lattice.bonds + lattice.bonds.map(\.reversed))
        var found = lattice.isometries().compactMap { Self.operation($0, of: lattice, bonds: bonds) }
        // A lattice that is symmetric within rounding of its file alone may have operations whose product is none.
        var matrices = Set(found.map(\.cellMatrix))
        while let stray = found.firstIndex(where: { g in
            found.contains { !matrices.contains(multiply(g.cellMatrix, $0.cellMatrix)) }
        }) {
            matrices.remove(found.remove(at: stray).cellMatrix)
        }

        // Identity first, then proper operations, then improper ones, each by its matrix: an order that does not depend
        // on how the lattice file was written.
        operations = found.sorted { a, b in
            let identity = { (o: Operation) in o.cellMatrix == Self.identityMatrix(dimension) }
            if identity(a) != identity(b) { return identity(a) }
            let (properA, properB) = (determinant(a.matrix) > 0, determinant(b.matrix) > 0)
            if properA != properB { return properA }
            for (x, y) in zip(a.matrix.joined(), b.matrix.joined()) where abs(x - y) > 1e-6 { return x > y }
            return false
        }
        let cells = operations.map(\.cellMatrix)
        product = cells.map { g in
            cells.map { h in
                cells.firstIndex(of: multiply(g, h))!
            }
        }
    }

    /// The index of the inverse of operation `g`.
    public func inverse(of g: Int) -> Int { product[g].firstIndex(of: 0)! }

    /// The smallest n > 0 for which gⁿ is the identity.
    func order(of g: Int) -> Int {
        var (power, order) = (g, 1)
        while power != 0 { (power, order) = (product[power][g], order + 1) }
        return order
    }

    /// Indices of a few operations whose products are the whole group: rotations, those by the smallest angles first, then the others,
    /// and of these only what the earlier ones do not generate. A quarter turn and a mirror for the square lattice.
    public var generators: [Int] {
        func sense(_ g: Int) -> Double { operations[g].matrix.count > 1 ? operations[g].matrix[1][0] : 0 }
        func isProper(_ g: Int) -> Bool { determinant(operations[g].matrix) > 0 }
        let rotations = operations.indices.filter(isProper).map { (order: order(of: $0), sense: sense($0), g: $0) }
            .sorted { ($1.order, $1.sense, $0.g) < ($0.order, $0.sense, $1.g) }.map(\.g)
        var (found, reached): ([Int], Set<Int>) = ([], [0])
        for g in rotations + operations.indices.filter({ !isProper($0) }) where !reached.contains(g) {
            found.append(g)
            var open = Array(reached)
            while let h = open.popLast() {
                for image in found.map({ product[h][$0] }) where reached.insert(image).inserted { open.append(image) }
            }
        }
        return found
    }

    private static func identityMatrix(_ dimension: Int) -> [[Int]] {
        (0..<dimension).map { row in (0..<dimension).map { $0 == row ? 1 : 0 } }
    }

    /// The operation that maps primitive vector k to the lattice vector of column k, if it is a symmetry.
    ///
    /// - Parameter bonds: those of the lattice and their reverses.
    private static func operation(
        _ cellMatrix: [[Int]], of lattice: Lattice, bonds: Set<Lattice.Bond>
    ) -> Operation? {
        let dimension = lattice.dimension
        func fraction(_ position: [Double]) -> [Double] {
            cellMatrix.map { row in zip(row, position).reduce(0) { $0 + Double($1.0) * $1.1 } }
        }
        // About site 0: positions are taken relative to it.
        let origin = lattice.basis[0]
        var siteImage: [Int] = []
        var siteShift: [[Int]] = []
        for position in lattice.basis {
            let relative = fraction(zip(position, origin).map { $0 - $1 })
            let target = zip(relative, origin).map { $0 + $1 }
            let match = lattice.basis.indices.first { candidate in
                zip(target, lattice.basis[candidate]).allSatisfy { abs($0 - $1 - ($0 - $1).rounded()) < 1e-6 }
            }
            guard let match else { return nil }
            siteImage.append(match)
            siteShift.append(zip(target, lattice.basis[match]).map { Int(($0 - $1).rounded()) })
        }
        // R = Σ_k image(a_k) ⊗ b_k with the reciprocal vectors b_k, here by solving for the dual basis.
        let dual = inverseMatrix(lattice.primitiveVectors)
        let imageVectors = (0..<dimension).map { column in lattice.cartesian(cellMatrix.map { Double($0[column]) }) }
        let matrix = (0..<dimension).map { row in
            (0..<dimension).map { column in
                // Without rounding: the identity is exactly the identity, and so are cosines of 60° and 90°.
                let entry = (0..<dimension).reduce(0) { $0 + imageVectors[$1][row] * dual[column][$1] }
                let nearest = (2 * entry).rounded() / 2
                return abs(entry - nearest) < 1e-12 ? nearest : entry
            }
        }
        let operation = Operation(matrix: matrix, cellMatrix: cellMatrix, siteImage: siteImage, siteShift: siteShift)
        for bond in lattice.bonds {
            let start = operation.image(ofCell: [Int](repeating: 0, count: dimension), site: bond.from)
            let end = operation.image(ofCell: bond.cell, site: bond.to)
            let cell = zip(end.cell, start.cell).map { $0 - $1 }
            let image = Lattice.Bond(from: start.site, to: end.site, cell: cell, shell: bond.shell)
            guard bonds.contains(image) else { return nil }
        }
        return operation
    }
}

extension PointGroup.Operation {
    /// In words: `rotation by 90°`, in three dimensions with its axis, `mirror x → −x`, `mirror of normal [1 1]`, `inversion`,
    /// `rotoinversion by 90° about z`, `identity`. Directions are Cartesian.
    public var name: String {
        let dimension = matrix.count
        // In three dimensions, those that the lattice lacks left as they are.
        let whole = (0..<3).map { row in
            (0..<3).map { $0 < dimension && row < dimension ? matrix[row][$0] : $0 == row ? 1.0 : 0 }
        }
        let isProper = determinant(whole) > 0
        let rotation = isProper ? whole : whole.map { $0.map { -$0 } }
        // 2 cos of the angle is a whole number: no other rotation maps a lattice onto itself.
        let angle = [180, 120, 90, 60, 0][2 + Int((rotation[0][0] + rotation[1][1] + rotation[2][2] - 1).rounded())]
        guard angle != 0 else { return isProper ? "identity" : "inversion" }
        // The column of R + 1 with the largest diagonal element for half a turn, else the vector of the antisymmetric part.
        let largest = (0..<3).max { rotation[$0][$0] < rotation[$1][$1] }!
        let axis =
            angle == 180
            ? (0..<3).map { rotation[$0][largest] + ($0 == largest ? 1 : 0) }
            : [
                rotation[2][1] - rotation[1][2], rotation[0][2] - rotation[2][0], rotation[1][0] - rotation[0][1],
            ]
        if !isProper, angle == 180 {
            let (text, axis) = Self.direction(axis, dimension: dimension)
            return axis.map { "mirror \($0) → −\($0)" } ?? "mirror of normal \(text)"
        }
        if isProper, dimension == 2 { return "rotation by \(axis[2] < 0 ? "−" : "")\(angle)°" }
        return "\(isProper ? "rotation" : "rotoinversion") by \(angle)° about \(Self.direction(axis, dimension: dimension).text)"
    }

    /// `z`, `−z`, `[1 1 0]` or `[0.866 0.5]`, and the Cartesian axis if it is one.
    private static func direction(_ vector: [Double], dimension: Int) -> (text: String, axis: String?) {
        let vector = Array(vector.prefix(dimension))
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let unit = vector.map { abs($0) < 1e-6 * norm ? 0 : $0 / norm }
        if let axis = unit.firstIndex(where: { abs($0) > 1 - 1e-6 }) {
            let name = ["x", "y", "z"][axis]
            return (unit[axis] < 0 ? "−\(name)" : name, name)
        }
        let smallest = unit.map(abs).filter { $0 > 0 }.min()!
        let scaled = unit.map { $0 / smallest }
        let isWhole = scaled.allSatisfy { abs($0 - $0.rounded()) < 1e-6 }
        let numbers = (isWhole ? scaled.map { "\(Int($0.rounded()))" } : unit.map { "\(($0 * 1000).rounded() / 1000)" })
            .map { $0.replacing("-", with: "−") }
        return ("[" + numbers.joined(separator: " ") + "]", nil)
    }
}

extension Lattice {
    /// Integer matrices that keep all lengths and angles within ``rounding``: column k is the image of primitive vector k.
    package func isometries() -> [[[Int]]] {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let longest = primitiveVectors.map { dot($0, $0) }.max()!
        // The image of a primitive vector is a lattice vector of the same length.
        let candidates = integerVectors(limits: cellBounds(within: longest.squareRoot()).map { Int($0 + 1e-6) })
            .map { (cell: $0, vector: cartesian($0.map(Double.init))) }
        let images = primitiveVectors.indices.reduce([[]]) { (partial: [[(cell: [Int], vector: [Double])]], k) in
            let (vector, rounding) = (primitiveVectors[k], rounding)
            let long = candidates.filter { abs(dot($0.vector, $0.vector) - dot(vector, vector)) < rounding }
            return partial.flatMap { images in
                long.filter { candidate in
                    images.indices.allSatisfy {
                        abs(dot(candidate.vector, images[$0].vector) - dot(vector, primitiveVectors[$0])) < rounding
                    }
                }.map { images + [$0] }
            }
        }
        return images.map { images in (0..<dimension).map { row in images.map { $0.cell[row] } } }
    }
}

/// All integer vectors whose components are of magnitudes up to the limits.
func integerVectors(limits: [Int]) -> [[Int]] {
    limits.reduce([[]]) { partial, limit in partial.flatMap { head in (-limit...limit).map { head + [$0] } } }
}

func multiply(_ a: [[Int]], _ b: [[Int]]) -> [[Int]] {
    a.map { row in b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } } }
}

/// The inverse of the matrix whose rows are `rows`, by Gauss–Jordan elimination with pivoting.
package func inverseMatrix(_ rows: [[Double]]) -> [[Double]] {
    let n = rows.count
    var work = rows.enumerated().map { index, row in row + (0..<n).map { $0 == index ? 1.0 : 0.0 } }
    for column in 0..<n {
        let pivot = (column..<n).max { abs(work[$0][column]) < abs(work[$1][column]) }!
        work.swapAt(column, pivot)
        let scale = work[column][column]
        work[column] = work[column].map { $0 / scale }
        for row in 0..<n where row != column {
            let factor = work[row][column]
            work[row] = zip(work[row], work[column]).map { $0 - factor * $1 }
        }
    }
    return work.map { Array($0[n...]) }
}
