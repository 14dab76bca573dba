import Electrons
import Lattices

/// Corrected ends on the square lattice written plainly: messages by recursion, a dense matrix for every patch.
final class LearnedEndsReference {
    struct Complex {
        var real: Double
        var imaginary: Double
        static func + (a: Self, b: Self) -> Self { Self(real: a.real + b.real, imaginary: a.imaginary + b.imaginary) }
        static func - (a: Self, b: Self) -> Self { Self(real: a.real - b.real, imaginary: a.imaginary - b.imaginary) }
        static func * (a: Self, b: Self) -> Self {
            Self(real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
        }
        static func * (a: Double, b: Self) -> Self { Self(real: a * b.real, imaginary: a * b.imaginary) }
        var reciprocal: Self {
            let square = real * real + imaginary * imaginary
            return Self(real: real / square, imaginary: -imaginary / square)
        }
    }

    private let displacement: SiteField
    private let coupling: Double
    private let corrections: EndCorrections
    /// The patches of the pole.
    private let tier: EndCorrections.Tier
    /// η of the pole.
    private let height: Double
    /// Coefficients by what does not change under the symmetry of the square.
    private let coefficients: [[Double]: Double]
    private var messages: [[Int]: Complex] = [:]

    /// 2 (cell − centre of the patch)
    private func fromCenter(_ cell: [Int]) -> [Double] { cell.map { Double(2 * $0 - corrections.core + 1) } }

    /// What distinguishes the class of a path: squared distances from the centre of the patch, or the angle between the bond a
    /// message arrives by and the one it leaves by.
    private static func signature(_ level: Int, core: Int, receiver: [Int]?, cells: [[Int]]) -> [Double] {
        if let receiver {
            let bonds = cells.map { cell in zip(cell, cells[0]).map { $0 - $1 } }
            let out = zip(receiver, cells[0]).map { $0 - $1 }
            let cosines = bonds.dropFirst().dropLast().map { bond in Double(zip(bond, out).reduce(0) { $0 + $1.0 * $1.1 }) }
            return [Double(level), Double(cells.count)] + cosines.sorted()
        }
        let squares = cells.map { cell in
            cell.reduce(0.0) { $0 + Double((2 * $1 - core + 1) * (2 * $1 - core + 1)) }
        }
        return [Double(level), Double(cells.count)]
            + (squares.lexicographicallyPrecedes(squares.reversed()) ? squares : squares.reversed())
    }

    init(
        _ displacement: SiteField, coupling: Double, corrections: EndCorrections, tier: EndCorrections.Tier, height: Double,
        values: [Double]
    ) {
        self.tier = tier
        self.displacement = displacement
        self.coupling = coupling
        self.corrections = corrections
        self.height = height
        coefficients = Dictionary(
            uniqueKeysWithValues: zip(tier.examples, values).map {
                (Self.signature($0.level, core: corrections.core, receiver: $0.receiver, cells: $0.cells), $1)
            })
    }

    private static let steps = [[1, 0], [0, 1], [-1, 0], [0, -1]]
    private func neighbors(_ cell: [Int]) -> [[Int]] { Self.steps.map { [cell[0] + $0[0], cell[1] + $0[1]] } }

    private func diagonal(_ cell: [Int]) -> Complex {
        Complex(real: -coupling * displacement[displacement.supercell.site(cell: cell)], imaginary: -height)
    }

    /// Paths from a cell through cells outside a region back to cells of the region; of a path and its reverse one.
    private func paths(from start: [Int], to ends: Set<[Int]>, region: Set<[Int]>, longest: Int) -> [[[Int]]] {
        var found: [[[Int]]] = []
        func extend(_ path: [[Int]]) {
            let outside = path.count - 1
            if outside > 0 {
                for end in neighbors(path.last!) where ends.contains(end) {
                    let whole = path + [end]
                    let isFirst = whole.joined().lexicographicallyPrecedes(whole.reversed().joined())
                    if outside == 1 ? end == start : isFirst { found.append(whole) }
                }
            }
            if outside < longest {
                for next in neighbors(path.last!) where !region.contains(next) && !path.contains(next) { extend(path + [next]) }
            }
        }
        extend([start])
        return found
    }

    private func product(_ path: [[Int]], region: Set<[Int]>, level: Int) -> Complex {
        path.indices.dropFirst().dropLast().reduce(Complex(real: 1, imaginary: 0)) { product, k in
            let inside = neighbors(path[k]).filter(region.contains)
            if k == 1 { return product * message(path[k], to: path[0], level: level) }
            if k == path.count - 2 { return product * message(path[k], to: path.last!, level: level) }
            return product
                * (inside.count == 1 ? message(path[k], to: inside[0], level: level) : diagonal(path[k]).reciprocal)
        }
    }

    private func message(_ sender: [Int], to receiver: [Int], level: Int) -> Complex {
        let size = displacement.supercell.size
        let place = sender.indices.map { ((sender[$0] % size[$0]) + size[$0]) % size[$0] }
        let known = place + zip(receiver, sender).map { $0 - $1 } + [level]
        if let message = messages[known] { return message }
        var denominator = diagonal(sender)
        let region: Set = [sender, receiver]
        for path in paths(from: sender, to: [sender], region: region, longest: corrections.terms.messagePath) where level > 1 {
            let key = Self.signature(level, core: 1, receiver: receiver, cells: path)
            denominator = denominator - coefficients[key]! * product(path, region: region, level: level - 1)
        }
        messages[known] = denominator.reciprocal
        return denominator.reciprocal
    }

    /// G_ii of every site of the supercell, patches and blocks counted from the cell [0, 0].
    func inverseDiagonal() -> [Complex] {
        let supercell = displacement.supercell
        var result = [Complex?](repeating: nil, count: supercell.siteCount)
        let (core, radius) = (corrections.core, tier.radius)
        for y in stride(from: 0, to: supercell.size[1], by: core) {
            for x in stride(from: 0, to: supercell.size[0], by: core) {
                let cells = (y - radius..<y + core + radius).flatMap { y in
                    (x - radius..<x + core + radius).map { [$0, y] }
                }
                let inverse = invert(matrix(cells, origin: [x, y]))
                for (k, cell) in cells.enumerated()
                where (x..<min(x + core, supercell.size[0])).contains(cell[0])
                    && (y..<min(y + core, supercell.size[1])).contains(cell[1])
                {
                    result[supercell.site(cell: cell)] = inverse[k][k]
                }
            }
        }
        return result.map { $0! }
    }

    private func matrix(_ cells: [[Int]], origin: [Int]) -> [[Complex]] {
        let region = Set(cells)
        var matrix = cells.map { row in
            cells.map { column in
                row == column ? diagonal(row) : Complex(real: neighbors(row).contains(column) ? -1 : 0, imaginary: 0)
            }
        }
        for (k, start) in cells.enumerated() {
            for path in paths(from: start, to: region, region: region, longest: corrections.terms.endPath) {
                let joined = path.last! == start || neighbors(start).contains(path.last!)
                if !corrections.terms.joinsDistant, !joined { continue }
                let relative = path.map { cell in zip(cell, origin).map { $0 - $1 } }
                let key = Self.signature(1, core: corrections.core, receiver: nil, cells: relative)
                let term = coefficients[key]! * product(path, region: region, level: corrections.levels)
                let other = cells.firstIndex(of: path.last!)!
                matrix[k][other] = matrix[k][other] - term
                if other != k { matrix[other][k] = matrix[other][k] - term }
            }
        }
        return matrix
    }

    /// Gauss–Jordan with pivoting.
    private func invert(_ matrix: [[Complex]]) -> [[Complex]] {
        let n = matrix.count
        var rows = matrix.enumerated().map { index, row in
            row + (0..<n).map { Complex(real: $0 == index ? 1 : 0, imaginary: 0) }
        }
        func size(_ z: Complex) -> Double { z.real * z.real + z.imaginary * z.imaginary }
        for column in 0..<n {
            rows.swapAt(column, (column..<n).max { size(rows[$0][column]) < size(rows[$1][column]) }!)
            let scale = rows[column][column].reciprocal
            rows[column] = rows[column].map { scale * $0 }
            for row in 0..<n where row != column {
                let factor = rows[row][column]
                for k in column..<2 * n { rows[row][k] = rows[row][k] - factor * rows[column][k] }
            }
        }
        return rows.map { Array($0[n...]) }
    }
}
