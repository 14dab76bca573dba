import Communication
import LatticeNumerics
import Lattices

/// Lattices, fields and grids of ranks for the tests.
enum Samples {
    static let chain = make("chain", [[1]])
    static let square = make("square", [[1, 0], [0, 1]])
    static let cubic = make("cubic", [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    static let honeycomb = make(
        "honeycomb", [[1.5, 3.0.squareRoot() / 2], [1.5, -(3.0.squareRoot()) / 2]], basis: [[0, 0], [1.0 / 3, 1.0 / 3]])

    /// A supercell and a way to cut it.
    struct Cut: Sendable, CustomStringConvertible {
        let lattice: Lattice
        let size: [Int]
        let ranks: [Int]
        let halo: Int
        var alignment = 1
        var kind = SiteVariable.Kind.scalar

        var rankCount: Int { ranks.reduce(1, *) }
        var description: String { "\(lattice.name) \(size) over \(ranks), halo \(halo), alignment \(alignment), \(kind)" }

        func grid() throws -> DomainGrid {
            try DomainGrid(
                Supercell(lattice, size: size), rankCount: rankCount, ranks: ranks, halo: halo, alignment: alignment)
        }
    }

    /// Every grid of 1, 2, 3, 4 and 6 ranks in two dimensions, and some of other lattices.
    static let cuts: [Cut] =
        [[1, 1], [1, 2], [2, 1], [1, 3], [3, 1], [1, 4], [2, 2], [4, 1], [1, 6], [2, 3], [3, 2], [6, 1]].flatMap { ranks in
            [
                Cut(lattice: square, size: [25, 34], ranks: ranks, halo: 3),
                Cut(lattice: square, size: [24, 48], ranks: ranks, halo: 4, alignment: 4, kind: .polarVector),
            ]
        } + [
            Cut(lattice: square, size: [6, 9], ranks: [2, 3], halo: 3),
            Cut(lattice: square, size: [130, 90], ranks: [2, 2], halo: 5, alignment: 4),
            Cut(lattice: honeycomb, size: [9, 10], ranks: [2, 2], halo: 2),
            Cut(lattice: chain, size: [41], ranks: [2], halo: 5),
            Cut(lattice: chain, size: [41], ranks: [4], halo: 5, alignment: 2),
            Cut(lattice: cubic, size: [7, 8, 9], ranks: [2, 1, 2], halo: 2, kind: .polarVector),
            Cut(lattice: cubic, size: [6, 7, 9], ranks: [1, 2, 3], halo: 3),
            Cut(lattice: cubic, size: [6, 7, 8], ranks: [2, 2, 2], halo: 2),
        ]

    static func field(_ supercell: Supercell, kind: SiteVariable.Kind = .scalar, seed: UInt64 = 1) -> SiteField {
        let count = supercell.siteCount * kind.count(in: supercell.lattice)
        return SiteField(
            supercell, kind: kind, values: RandomStream(seed: seed, purpose: .testing).normals(count: count, step: 0))
    }

    /// The part of a field of the whole lattice that is the domain's own; NaN in the halo.
    static func own(_ domain: Domain, of whole: SiteField) -> SiteField {
        var field = SiteField(domain.local, kind: whole.kind, repeating: .nan)
        let count = whole.componentCount
        for run in domain.runs() {
            for k in 0..<run.count * count { field.values[run.local * count + k] = whole.values[run.whole * count + k] }
        }
        return field
    }

    /// How many values of a domain, own or of the halo, are not those of the whole field.
    static func differences(_ field: SiteField, _ whole: SiteField, _ domain: Domain) -> Int {
        let basis = whole.supercell.lattice.basis.count
        let count = whole.componentCount
        return (0..<domain.local.siteCount).reduce(0) { sum, site in
            let cell = zip(domain.local.cell(of: site), zip(domain.box.origin, domain.halo)).map { $0 + $1.0 - $1.1 }
            let partner = whole.supercell.site(cell: cell, basis: site % basis)
            return sum
                + (0..<count).filter { field.values[site * count + $0] != whole.values[partner * count + $0] }.count
        }
    }

    private static func make(_ name: String, _ vectors: [[Double]], basis: [[Double]]? = nil) -> Lattice {
        let bond = Lattice.Bond(from: 0, to: 0, cell: vectors.indices.map { $0 == 0 ? 1 : 0 })
        let origin = [[Double](repeating: 0, count: vectors.count)]
        do {
            return try Lattice(name: name, primitiveVectors: vectors, basis: basis ?? origin, bonds: [bond])
        } catch {
            preconditionFailure("\(name): \(error)")
        }
    }
}
