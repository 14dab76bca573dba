import Lattices

/// The shape that all blocks of a supercell have: a core of cells, and a buffer around it in every direction in
/// which the block does not reach around the lattice. In the others all of the lattice is in the core.
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
    /// The sites of the core of a block, the first direction fastest.
    let coreSites: Table<Int>
    /// The site of the padded block, which has all senders of messages in it, that each site of the block is.
    let places: Table<Int>
    /// Sites of the padded block.
    var paddedCount: Int { padded.siteCount }
    let messages: Table<Message>
    let ends: Table<End>

    private let rows: SupercellRows
    private let core: Coordinates
    /// Cells before the core of a padded block.
    private let before: Coordinates
    private let padded: Supercell
    private let arena = TableArena()

    /// - Parameters:
    ///   - core: cells of a block's core in every direction.
    ///   - radius: cells of the buffer.
    ///   - levels: how often the messages are iterated; 0 for open ends.
    init(_ supercell: Supercell, core: Int, radius: Int, levels: Int) {
        let lattice = supercell.lattice
        let isCut = Self.isWhole(supercell, core: core, radius: radius).map { !$0 }
        let reach = supercell.size.indices.map { axis in lattice.bonds.map { abs($0.cell[axis]) }.max() ?? 0 }
        let margin = zip(isCut, reach).map { $0 ? levels * $1 : 0 }
        let buffer = isCut.map { $0 ? radius : 0 }
        let core = zip(supercell.size, isCut).map { $1 ? core : $0 }
        rows = SupercellRows(supercell)
        self.core = Coordinates(core, padding: 1)
        before = Coordinates(zip(buffer, margin).map { $0 + $1 }, padding: 0)
        let size = zip(core, buffer).map { $0 + 2 * $1 }
        let periodic = zip(supercell.periodic, isCut).map { $0 && !$1 }
        let block = Self.piece(of: lattice, size: size, periodic: periodic)
        let padded = Self.piece(of: lattice, size: zip(size, margin).map { $0 + 2 * $1 }, periodic: periodic)
        (self.block, self.padded) = (block, padded)
        let basis = lattice.basis.count
        func place(_ cell: [Int], _ site: Int) -> Int {
            padded.site(cell: zip(cell, margin).map { $0 + $1 }, basis: site)
        }
        places = arena.table((0..<block.siteCount).map { place(block.cell(of: $0), $0 % basis) })
        coreSites = arena.table(
            (0..<block.siteCount).filter { site in
                zip(zip(block.cell(of: site), buffer), core).allSatisfy { (0..<$1).contains($0.0 - $0.1) }
            })
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

    /// Directions in which one block has all of the lattice.
    static func isWhole(_ supercell: Supercell, core: Int, radius: Int) -> [Bool] {
        supercell.size.map { core + 2 * radius >= $0 }
    }

    private static func piece(of lattice: Lattice, size: [Int], periodic: [Bool]) -> Supercell {
        do { return try Supercell(lattice, size: size, periodic: periodic) } catch {
            preconditionFailure("a piece of a supercell: \(error)")
        }
    }

    /// The first cell of the core of a block.
    private func firstCell(of index: Int, _ cover: BlockCover) -> Coordinates {
        let (column, rest) = (index % cover.count.x, index / cover.count.x)
        return cover.start &+ Coordinates(column, rest % cover.count.y, rest / cover.count.y) &* core
    }

    /// Calls `body` for every padded site of a block with the site of the supercell that it is; nil beyond an open end of the
    /// supercell.
    @inline(__always)
    func forEachSource(of index: Int, _ cover: BlockCover, _ body: (_ place: Int, _ site: Int?) -> Void) {
        let start = firstCell(of: index, cover) &- before
        let size = Coordinates(padded.size, padding: 1)
        for z in 0..<size.z {
            for y in 0..<size.y {
                let row = rows.firstCell(y: start.y + y, z: start.z + z)
                let first = (z * size.y + y) * size.x * rows.basis
                rows.forEachRun(x: start.x, count: size.x, step: 1) { part, x in
                    for k in 0..<part.count * rows.basis {
                        let place = first + part.lowerBound * rows.basis + k
                        if let row, let x { body(place, (row + x) * rows.basis + k) } else { body(place, nil) }
                    }
                }
            }
        }
    }

    /// Calls `body` for every site of the core of a block that is in the box, as the block and the supercell number it.
    @inline(__always)
    func forEachTarget(of index: Int, _ cover: BlockCover, _ body: (_ site: Int, _ target: Int) -> Void) {
        let start = firstCell(of: index, cover)
        var known = 0
        for z in start.z..<start.z + core.z {
            for y in start.y..<start.y + core.y {
                for x in start.x..<start.x + core.x {
                    if cover.contains(Coordinates(x, y, z)) {
                        let cell = rows.firstCell(y: y, z: z)! + x % rows.size.x
                        for b in 0..<rows.basis { body(coreSites[known + b], cell * rows.basis + b) }
                    }
                    known += rows.basis
                }
            }
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
