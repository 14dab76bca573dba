import Lattices

/// Fills the halo of a field with what the neighbouring domains have there: one set of messages, to every neighbour of the grid
/// one (to 8 in two dimensions), corners among them.
///
/// With two ranks in a direction the same rank is a neighbour on either side; messages are told apart by the direction they go.
public struct HaloExchange: Sendable {
    /// The domain whose halo is filled.
    public let domain: Domain
    private let kind: SiteVariable.Kind
    private let communicator: any Communicator
    private let messages: MessageSet
    /// What is packed into each sent message, and where each received one goes, as ranges of the field's values.
    private let packed: [[Range<Int>]]
    private let unpacked: [[Range<Int>]]

    /// Plans the messages of this rank.
    ///
    /// - Parameters:
    ///   - grid: one domain for every rank of the communicator.
    ///   - kind: of the fields.
    public init(_ grid: DomainGrid, communicator: any Communicator, kind: SiteVariable.Kind = .scalar) {
        precondition(grid.rankCount == communicator.size, "one domain for every rank")
        let domain = grid.domain(of: communicator.rank)
        let coordinates = grid.coordinates(of: communicator.rank)
        let count = kind.count(in: grid.whole.lattice)
        self.domain = domain
        self.kind = kind
        self.communicator = communicator

        let neighbors = Self.directions(of: domain)
        let partners = neighbors.map { direction in grid.rank(at: zip(coordinates, direction).map { $0 + $1 }) }
        let packed = neighbors.map { Self.values(of: Self.edge(of: domain, towards: $0), domain: domain, components: count) }
        let unpacked = neighbors.map { Self.values(of: Self.margin(of: domain, towards: $0), domain: domain, components: count) }
        self.packed = packed
        self.unpacked = unpacked
        func length(_ ranges: [Range<Int>]) -> Int { ranges.reduce(0) { $0 + $1.count } }
        let indices = neighbors.indices
        messages = MessageSet(
            sent: indices.map { (rank: partners[$0], tag: Self.tag(neighbors[$0]), count: length(packed[$0])) },
            // What comes from a neighbour went the opposite way.
            received: indices.map {
                (rank: partners[$0], tag: Self.tag(neighbors[$0].map { -$0 }), count: length(unpacked[$0]))
            })
    }

    /// Numbers sent in one exchange.
    public var sentCount: Int { messages.sent.reduce(0) { $0 + $1.values.count } }

    /// Sends the edges of the domain, which have to be right; the field may be read, and its halo must not be, until
    /// ``finish(_:)``.
    public func begin(_ field: SiteField) {
        guard !messages.sent.isEmpty else { return }
        check(field)
        field.values.withUnsafeBufferPointer { values in
            for (message, ranges) in zip(messages.sent, packed) { values.pack(ranges, into: message.values) }
        }
        communicator.begin(messages)
    }

    /// Waits for the neighbours' values and writes them into the halo.
    public func finish(_ field: inout SiteField) {
        guard !messages.sent.isEmpty else { return }
        check(field)
        communicator.finish(messages)
        field.values.withUnsafeMutableBufferPointer { values in
            for (message, ranges) in zip(messages.received, unpacked) { values.unpack(ranges, from: message.values) }
        }
    }

    private func check(_ field: SiteField) {
        precondition(field.supercell == domain.local && field.kind == kind, "a field of the domain")
    }

    /// The steps to all neighbours: −1, 0 or 1 in the directions that are cut.
    private static func directions(of domain: Domain) -> [[Int]] {
        domain.halo.reduce([[]]) { steps, halo in
            steps.flatMap { step in (halo > 0 ? [-1, 0, 1] : [0]).map { step + [$0] } }
        }.filter { $0.contains { $0 != 0 } }
    }

    /// A number for each step.
    private static func tag(_ direction: [Int]) -> Int32 { direction.reduce(0) { 3 * $0 + Int32($1 + 1) } }

    /// The cells of the domain that a neighbour sees.
    private static func edge(of domain: Domain, towards direction: [Int]) -> CellBox {
        CellBox(
            origin: direction.indices.map { k in
                domain.window.range(k).lowerBound + (direction[k] > 0 ? domain.window.size[k] - domain.halo[k] : 0)
            },
            size: direction.indices.map { direction[$0] == 0 ? domain.window.size[$0] : domain.halo[$0] })
    }

    /// The cells of the halo that a neighbour has.
    private static func margin(of domain: Domain, towards direction: [Int]) -> CellBox {
        CellBox(
            origin: direction.indices.map { k in
                switch direction[k] {
                case 0: domain.window.range(k).lowerBound
                case 1: domain.window.range(k).upperBound
                default: 0
                }
            },
            size: direction.indices.map { direction[$0] == 0 ? domain.window.size[$0] : domain.halo[$0] })
    }

    private static func values(of box: CellBox, domain: Domain, components: Int) -> [Range<Int>] {
        box.siteRanges(in: domain.local).map { $0.lowerBound * components..<$0.upperBound * components }
    }
}
