import Lattices

/// How a supercell is cut into blocks of equal shape: a core of cells, and a buffer around it in every direction in which the
/// block does not reach around the lattice.
///
/// `@unchecked Sendable`: the tables are constant.
struct BlockShape: @unchecked Sendable {
    /// A cavity Green's function beyond the block; ``CavityMessages`` has the equation.
    struct Message: BitwiseCopyable {
        /// The padded site that sends it.
        let place: Int
        /// The messages it receives from its other neighbours, by index: all come before it.
        let received: Table<Int>
    }

    /// A bond that leaves the block.
    struct End: BitwiseCopyable {
        /// The site of the block.
        let site: Int
        /// What arrives there, by index.
        let message: Int
    }

    /// The block with its buffer; open where it is cut out.
    let block: Supercell
    /// The first cell of the core of every block.
    let origins: [[Int]]
    /// The site of the padded block, which has all senders of messages in it, that each site of the block is.
    let places: Table<Int>
    /// Sites of the padded block.
    var paddedCount: Int { padded.siteCount }
    let messages: Table<Message>
    let ends: Table<End>

    private let supercell: Supercell
    private let core: [Int]
    private let buffer: [Int]
    private let margin: [Int]
    private let padded: Supercell
    private let arena = TableArena()

    /// - Parameters:
    ///   - core: cells of a block's core in every direction.
    ///   - radius: cells of the buffer.
    ///   - levels: how often the messages are iterated; 0 for open ends.
    init(_ supercell: Supercell, core: Int, radius: Int, levels: Int) {
        let lattice = supercell.lattice
        let isCut = supercell.size.map { core + 2 * radius < $0 }
        let reach = supercell.size.indices.map { axis in lattice.bonds.map { abs($0.cell[axis]) }.max() ?? 0 }
        let margin = zip(isCut, reach).map { $0 ? levels * $1 : 0 }
        let buffer = isCut.map { $0 ? radius : 0 }
        self.supercell = supercell
        self.margin = margin
        self.buffer = buffer
        self.core = zip(supercell.size, isCut).map { $1 ? core : $0 }
        let size = zip(self.core, buffer).map { $0 + 2 * $1 }
        let periodic = zip(supercell.periodic, isCut).map { $0 && !$1 }
        let block = Self.piece(of: lattice, size: size, periodic: periodic)
        let padded = Self.piece(of: lattice, size: zip(size, margin).map { $0 + 2 * $1 }, periodic: periodic)
        (self.block, self.padded) = (block, padded)
        var origins = [[Int]()]
        for (side, length) in zip(supercell.size, self.core) {
            origins = stride(from: 0, to: side, by: length).flatMap { start in origins.map { $0 + [start] } }
        }
        self.origins = origins

        let basis = lattice.basis.count
        func place(_ cell: [Int], _ site: Int) -> Int {
            padded.site(cell: zip(cell, margin).map { $0 + $1 }, basis: site)
        }
        places = arena.table((0..<block.siteCount).map { place(block.cell(of: $0), $0 % basis) })
        var network = MessageNetwork(lattice: lattice, place: place, arena: arena)
        var ends: [End] = []
        for site in 0..<block.siteCount where levels > 0 {
            let cell = block.cell(of: site)
            for bond in lattice.directedBonds(from: site % basis) {
                let other = zip(cell, bond.cell).map { $0 + $1 }
                let leaves = zip(zip(other, size), isCut).contains { $1 && !(0..<$0.1).contains($0.0) }
                if leaves {
                    ends.append(End(site: site, message: network.message(from: other, along: bond.reversed, level: levels)))
                }
            }
        }
        messages = arena.table(network.messages)
        self.ends = arena.table(ends)
    }

    private static func piece(of lattice: Lattice, size: [Int], periodic: [Bool]) -> Supercell {
        do { return try Supercell(lattice, size: size, periodic: periodic) } catch {
            preconditionFailure("a piece of a supercell: \(error)")
        }
    }

    /// For every padded site of a block the site of the supercell that it is; −1 beyond an open end of the supercell.
    func sources(of index: Int) -> [Int32] {
        let basis = supercell.lattice.basis.count
        return (0..<padded.siteCount).map { site in
            let start = zip(zip(origins[index], buffer), margin).map { $0.0 - $0.1 - $1 }
            let cell = zip(padded.cell(of: site), start).map { $0 + $1 }
            for (axis, side) in supercell.size.enumerated() where !supercell.periodic[axis] && !(0..<side).contains(cell[axis]) {
                return -1
            }
            return Int32(supercell.site(cell: cell, basis: site % basis))
        }
    }

    /// The sites of the core of a block, as they are numbered in the block and in the supercell.
    func targets(of index: Int) -> [(site: Int32, target: Int32)] {
        let basis = supercell.lattice.basis.count
        return (0..<block.siteCount).compactMap { site in
            let inner = zip(block.cell(of: site), buffer).map { $0 - $1 }
            let cell = zip(inner, origins[index]).map { $0 + $1 }
            guard zip(inner, core).allSatisfy({ (0..<$1).contains($0) }), zip(cell, supercell.size).allSatisfy({ $0 < $1 })
            else { return nil }
            return (Int32(site), Int32(supercell.site(cell: cell, basis: site % basis)))
        }
    }
}

/// The messages that some others are made of, each once.
private struct MessageNetwork {
    let lattice: Lattice
    /// The number of a padded site.
    let place: ([Int], Int) -> Int
    let arena: TableArena
    private(set) var messages: [BlockShape.Message] = []
    private var known: [Key: Int] = [:]

    private struct Key: Hashable {
        let place: Int
        /// Which of the sender's bonds leads to the receiver; nil for the first level, which does not depend on it.
        let bond: Int?
        let level: Int
    }

    init(lattice: Lattice, place: @escaping ([Int], Int) -> Int, arena: TableArena) {
        self.lattice = lattice
        self.place = place
        self.arena = arena
    }

    /// The index of the message that the site at `cell` sends along one of its bonds.
    mutating func message(from cell: [Int], along bond: Lattice.Bond, level: Int) -> Int {
        let bonds = lattice.directedBonds(from: bond.from)
        let key = Key(place: place(cell, bond.from), bond: level == 1 ? nil : bonds.firstIndex(of: bond), level: level)
        if let index = known[key] { return index }
        var received: [Int] = []
        for other in bonds where level > 1 && other != bond {
            received.append(message(from: zip(cell, other.cell).map { $0 + $1 }, along: other.reversed, level: level - 1))
        }
        messages.append(BlockShape.Message(place: key.place, received: arena.table(received)))
        known[key] = messages.count - 1
        return messages.count - 1
    }
}
