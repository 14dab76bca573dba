import Lattices

/// A supercell cut into one domain a rank, all cuts going straight through.
///
/// Rank r has the grid coordinates of ``coordinates(of:)``, the first direction fastest. Along a direction the cuts are as even as
/// the alignment lets them be.
public struct DomainGrid: Sendable, Equatable {
    /// What is cut.
    public let whole: Supercell
    /// Ranks along each direction, [Px, Py, …].
    public let ranks: [Int]
    /// Cells of the neighbours that a domain sees in the directions that are cut.
    public let halo: Int
    /// The first cells of the domains along each direction, and the end: cuts[direction][k]..<cuts[direction][k + 1].
    private let cuts: [[Int]]

    /// Cuts a supercell.
    ///
    /// - Parameters:
    ///   - rankCount: how many domains there are.
    ///   - ranks: along each direction, their product being `rankCount`. If nil, those with which the largest domain has the
    ///     fewest cells with its halo; of equals, those that cut the slowest direction more often.
    ///   - halo: cells that a domain sees of its neighbours, the receptive field of the forces.
    ///   - alignment: domains begin at multiples of it.
    /// - Throws: ``CommunicationError`` if the product is wrong, a direction to be cut is open, or a domain would be shorter than
    ///   its halo or empty.
    public init(_ whole: Supercell, rankCount: Int, ranks: [Int]? = nil, halo: Int, alignment: Int = 1) throws {
        precondition(rankCount >= 1 && halo >= 1 && alignment >= 1, "at least one rank, a halo and an alignment")
        if let ranks {
            try self.init(whole, exactly: ranks, rankCount: rankCount, halo: halo, alignment: alignment)
            return
        }
        let candidates = Self.factorizations(of: rankCount, directions: whole.size.count)
            .compactMap { try? Self(whole, exactly: $0, rankCount: rankCount, halo: halo, alignment: alignment) }
        // The candidates begin with those that cut the slowest direction most, and `min` takes the first of equals.
        guard let best = candidates.min(by: { $0.largestDomain < $1.largestDomain }) else {
            throw CommunicationError(
                key: "ranks",
                problem: "\(rankCount) ranks; a lattice of size \(whole.size) has no room for so many domains that are at least "
                    + "\(halo) cells long, as far as a force sees, begin at multiples of \(alignment) and leave open "
                    + "directions whole")
        }
        self = best
    }

    private init(_ whole: Supercell, exactly ranks: [Int], rankCount: Int, halo: Int, alignment: Int) throws {
        guard ranks.count == whole.size.count, ranks.allSatisfy({ $0 >= 1 && $0 <= rankCount }), ranks.reduce(1, *) == rankCount
        else {
            throw CommunicationError(
                key: "ranks",
                problem: "\(ranks); \(whole.size.count) numbers are needed, one a direction, with the product \(rankCount), "
                    + "the number of processes")
        }
        self.whole = whole
        self.ranks = ranks
        self.halo = halo
        cuts = zip(whole.size, ranks).map { side, count in
            let blocks = (side + alignment - 1) / alignment
            return (0...count).map { min($0 * blocks / count * alignment, side) }
        }
        for (direction, count) in ranks.enumerated() where count > 1 {
            guard whole.periodic[direction] else {
                throw CommunicationError(
                    key: "ranks", problem: "\(ranks); direction \(direction) has open ends and cannot be cut")
            }
            let shortest = zip(cuts[direction], cuts[direction].dropFirst()).map { $1 - $0 }.min()!
            guard shortest >= halo else {
                throw CommunicationError(
                    key: "ranks",
                    problem: "\(ranks); a domain would be \(shortest) cells long in direction \(direction), which has "
                        + "\(whole.size[direction]) cells cut at multiples of \(alignment); at least \(halo) are needed, as far as a "
                        + "force sees")
            }
        }
    }

    /// How many domains there are.
    public var rankCount: Int { ranks.reduce(1, *) }

    /// Where a rank is in the grid, [x, y, …].
    public func coordinates(of rank: Int) -> [Int] {
        var rest = rank
        return ranks.map { count in
            defer { rest /= count }
            return rest % count
        }
    }

    /// The rank at given coordinates, which reach around the grid.
    public func rank(at coordinates: [Int]) -> Int {
        zip(coordinates, ranks).reversed().reduce(0) { $0 * $1.1 + (($1.0 % $1.1) + $1.1) % $1.1 }
    }

    /// The cells of a rank.
    public func box(of rank: Int) -> CellBox {
        let own = zip(coordinates(of: rank), cuts)
        return CellBox(origin: own.map { $1[$0] }, size: own.map { $1[$0 + 1] - $1[$0] })
    }

    /// The part of a rank, with a halo in the directions that are cut.
    public func domain(of rank: Int) -> Domain {
        Domain(whole, box: box(of: rank), halo: ranks.map { $0 > 1 ? halo : 0 })
    }

    /// Cells of the largest domain with its halo: what decides the time of a step.
    private var largestDomain: Int {
        zip(cuts, ranks).map { cuts, count in
            zip(cuts, cuts.dropFirst()).map { $1 - $0 }.max()! + (count > 1 ? 2 * halo : 0)
        }.reduce(1, *)
    }

    /// All ways to write a number as an ordered product, those with the largest last factors first.
    private static func factorizations(of number: Int, directions: Int) -> [[Int]] {
        guard directions > 1 else { return [[number]] }
        return (1...number).reversed().filter { number.isMultiple(of: $0) }.flatMap { last in
            factorizations(of: number / last, directions: directions - 1).map { $0 + [last] }
        }
    }
}
