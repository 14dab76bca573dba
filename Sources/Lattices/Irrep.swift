import LatticeNumerics

/// An irreducible real orthogonal representation of a point group.
public struct Irrep: Sendable, Equatable {
    /// Mulliken symbol: A1, A2, B1, B2, E for C4v.
    public let name: String
    /// matrices[g]: the orthogonal matrix of operation g, dimension × dimension.
    public let matrices: [[[Double]]]

    /// d, the rows and columns of each matrix.
    public var dimension: Int { matrices[0].count }
    /// χ(g) = tr D(g).
    public var characters: [Double] { matrices.map { m in m.indices.reduce(0) { $0 + m[$1][$1] } } }
}

extension PointGroup {
    /// The irreducible real representations, A before B before E before T, the trivial one first.
    ///
    /// They are the eigenspaces of a generic symmetric element of the algebra that commutes with the regular
    /// representation (Dixon's method; Serre, *Linear Representations of Finite Groups*, §2.4 and §6.2). A representation
    /// that is equivalent to the Cartesian vector uses the vector's own matrices, so that its components are x, y, ….
    public func irreps() -> [Irrep] {
        var found: [[[[Double]]]] = []
        for space in regularEigenspaces() {
            // D(g)_{ab} = Σ_h v_a(gh) v_b(h)
            let matrices = operations.indices.map { g in
                space.map { a in
                    space.map { b in Self.exact(operations.indices.reduce(0) { $0 + a[product[g][$1]] * b[$1] }) }
                }
            }
            let characters = Self.characters(matrices)
            if found.contains(where: { Self.agree(Self.characters($0), characters) }) { continue }
            let vector = operations.map(\.matrix)
            found.append(Self.agree(Self.characters(vector), characters) ? vector : aligned(matrices))
        }
        return named(found)
    }

    /// Orthonormal bases of the spaces that a fixed generic symmetric element of the commutant distinguishes.
    private func regularEigenspaces() -> [[[Double]]] {
        let stream = RandomStream(seed: 0, purpose: .genericElement)
        let weights = operations.indices.map { h in
            stream.normal(step: 0, index: h) + stream.normal(step: 0, index: inverse(of: h))
        }
        let solver = SymmetricEigensolver(dimension: order)
        for g in 0..<order {
            for h in 0..<order { solver.matrix[g * order + product[g][h]] += weights[h] }
        }
        do { try solver.solve() } catch { preconditionFailure("\(error) on a symmetric matrix of dimension \(order)") }
        var spaces: [[[Double]]] = []
        for m in 0..<order {
            let vector = Array(solver.matrix[m * order..<(m + 1) * order])
            if m > 0, solver.eigenvalues[m] - solver.eigenvalues[m - 1] < 1e-8 {
                spaces[spaces.count - 1].append(vector)
            } else {
                spaces.append([vector])
            }
        }
        return spaces
    }

    /// The same representation in the basis that makes the first operation with two opposite eigenvalues diagonal.
    private func aligned(_ matrices: [[[Double]]]) -> [[[Double]]] {
        guard matrices[0].count == 2,
            let mirror = matrices.first(where: { abs($0[0][0] + $0[1][1]) < 1e-9 && abs($0[0][1] - $0[1][0]) < 1e-9 })
        else { return matrices }
        let projector = [[(1 + mirror[0][0]) / 2, mirror[0][1] / 2], [mirror[1][0] / 2, (1 + mirror[1][1]) / 2]]
        let column = projector[0][0] > 0.25 ? [projector[0][0], projector[1][0]] : [projector[0][1], projector[1][1]]
        let norm = (column[0] * column[0] + column[1] * column[1]).squareRoot()
        let basis = [[column[0] / norm, column[1] / norm], [-column[1] / norm, column[0] / norm]]
        return matrices.map { m in
            (0..<2).map { a in
                (0..<2).map { b in
                    (0..<2).reduce(0) { sum, i in sum + (0..<2).reduce(0) { $0 + basis[a][i] * m[i][$1] * basis[b][$1] } }
                }
            }
        }
    }

    /// Mulliken symbols: the letter from the dimension and the principal rotation, the number from the order of the
    /// characters on principal rotation and mirror, g or u from the inversion of three dimensions.
    private func named(_ representations: [[[[Double]]]]) -> [Irrep] {
        let dimension = operations[0].matrix.count
        let orders = operations.indices.map(order)
        let proper = operations.indices.filter { determinant(operations[$0].matrix) > 0 }
        let principal = proper.max { orders[$0] < orders[$1] } ?? 0
        let improper = operations.indices.filter { determinant(operations[$0].matrix) < 0 }
        let mirror = improper.first { operations[$0].matrix[0][0] > 1 - 1e-9 } ?? improper.first ?? 0
        let inversion =
            dimension == 3
            ? improper.first { g in
                (0..<3).allSatisfy { operations[g].matrix[$0][$0] < -1 + 1e-9 }
            } : nil
        let uniqueAxis = !representations.contains { $0[0].count == 3 }

        struct Candidate {
            let letter: String
            let parity: String
            let key: [Double]
            let matrices: [[[Double]]]
        }
        let candidates = representations.map { matrices in
            let characters = Self.characters(matrices)
            let letter =
                switch matrices[0].count {
                case 1: uniqueAxis && principal != 0 && characters[principal] < 0 ? "B" : "A"
                case 2: "E"
                case 3: "T"
                default: "G"
                }
            let parity = inversion.map { characters[$0] > 0 ? "g" : "u" } ?? ""
            return Candidate(
                letter: letter, parity: parity, key: [characters[principal], characters[mirror]] + characters, matrices: matrices)
        }.sorted { a, b in
            if a.letter != b.letter { return a.letter < b.letter }
            if a.parity != b.parity { return a.parity < b.parity }
            for (x, y) in zip(a.key, b.key) where abs(x - y) > 1e-6 { return x > y }
            return false
        }
        return candidates.enumerated().map { index, candidate in
            let family = candidates.indices.filter {
                candidates[$0].letter == candidate.letter && candidates[$0].parity == candidate.parity
            }
            let number = family.count > 1 ? "\(family.firstIndex(of: index)! + 1)" : ""
            return Irrep(name: candidate.letter + number + candidate.parity, matrices: candidate.matrices)
        }
    }

    /// Entries that are multiples of ½ up to rounding, made exact.
    private static func exact(_ entry: Double) -> Double {
        let nearest = (2 * entry).rounded() / 2
        return abs(entry - nearest) < 1e-10 ? nearest : entry
    }

    private static func characters(_ matrices: [[[Double]]]) -> [Double] {
        matrices.map { m in m.indices.reduce(0) { $0 + m[$1][$1] } }
    }

    private static func agree(_ a: [Double], _ b: [Double]) -> Bool {
        zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 }
    }
}
