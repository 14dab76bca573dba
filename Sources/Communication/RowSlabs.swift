import Lattices

/// Brings fields of domains into slabs of whole rows and back.
///
/// What needs the whole lattice (observables, output, checkpoints) works on slabs: its results and files do not depend on how the
/// lattice is cut into domains. With one rank a slab is the field itself and nothing is copied. Otherwise a slab of 8 bytes a
/// site and component is kept, and messages for what does not stay on its rank.
///
/// `@unchecked Sendable`: the slab and the messages are used by one call at a time, as calls are collective.
public final class RowSlabs: @unchecked Sendable {
    /// Which rows each rank has.
    public let partition: RowPartition
    /// The domain of this rank, whose fields these are.
    public let domain: Domain
    /// The ranks.
    public let communicator: any Communicator
    /// How the numbers of a site transform.
    public let kind: SiteVariable.Kind
    private let plan: SlabPlan
    private let slab: FixedMemory
    private let collecting: MessageSet
    private let distributing: MessageSet

    /// Plans the messages of this rank.
    ///
    /// - Parameters:
    ///   - grid: one domain for every rank of the communicator.
    ///   - kind: of the fields.
    public init(_ grid: DomainGrid, communicator: any Communicator, kind: SiteVariable.Kind = .scalar) {
        precondition(grid.rankCount == communicator.size, "one domain for every rank")
        partition = RowPartition(grid.whole, rankCount: communicator.size)
        domain = grid.domain(of: communicator.rank)
        self.communicator = communicator
        self.kind = kind
        plan = SlabPlan(grid, partition: partition, rank: communicator.rank, kind: kind)
        collecting = MessageSet(
            sent: plan.leaving.map { (rank: $0.rank, tag: 0, count: $0.count) },
            received: plan.coming.map { (rank: $0.rank, tag: 0, count: $0.count) })
        distributing = MessageSet(reversing: collecting)
        let count = kind.count(in: grid.whole.lattice)
        slab = FixedMemory(count: domain.isWhole ? 0 : partition.sites(of: communicator.rank).count * count)
    }

    /// Units of rows that this rank has.
    public var units: Range<Int> { partition.units(of: communicator.rank) }
    /// The rows of this rank.
    public var rows: Range<Int> { partition.rows(of: communicator.rank) }
    /// The sites of this rank, in the numbering of the whole supercell.
    public var sites: Range<Int> { partition.sites(of: communicator.rank) }
    /// Numbers of this rank: its sites times components.
    public var count: Int { sites.count * kind.count(in: partition.whole.lattice) }

    /// The rows of a field that belong to this rank, [site][component] from the first site of ``sites`` on.
    ///
    /// - Returns: memory of the field itself if the domain is whole, good for as long as the field lives and is not changed;
    ///   otherwise memory that the next call uses again. Empty for a rank without rows.
    public func collect(_ field: borrowing SiteField) -> UnsafeBufferPointer<Double> {
        check(field)
        // The elements of an array that nobody changes stay where they are.
        let values = field.values.withUnsafeBufferPointer { $0 }
        if domain.isWhole { return values }
        for (message, part) in zip(collecting.sent, plan.leaving) { values.pack(part.ranges, into: message.values) }
        communicator.begin(collecting)
        values.copy(plan.staying.field, to: plan.staying.slab, of: slab.values)
        communicator.finish(collecting)
        for (message, part) in zip(collecting.received, plan.coming) {
            slab.values.unpack(part.ranges, from: message.values)
        }
        return UnsafeBufferPointer(slab.values)
    }

    /// Writes the slabs of all ranks into the fields of the domains; halos are left as they are.
    ///
    /// - Parameter slab: the rows of this rank, [site][component] from the first site of ``sites`` on.
    public func distribute(_ slab: UnsafeBufferPointer<Double>, into field: inout SiteField) {
        check(field)
        precondition(slab.count == count, "the rows of this rank")
        field.values.withUnsafeMutableBufferPointer { values in
            if domain.isWhole {
                _ = values.update(fromContentsOf: slab)
                return
            }
            for (message, part) in zip(distributing.sent, plan.coming) { slab.pack(part.ranges, into: message.values) }
            communicator.begin(distributing)
            slab.copy(plan.staying.slab, to: plan.staying.field, of: values)
            communicator.finish(distributing)
            for (message, part) in zip(distributing.received, plan.leaving) { values.unpack(part.ranges, from: message.values) }
        }
    }

    private func check(_ field: borrowing SiteField) {
        precondition(field.supercell == domain.local && field.kind == kind, "a field of the domain")
    }
}
