/// Sums over all rows of a lattice whose bits do not depend on how many ranks share the rows.
///
/// Each rank passes a partial sum for every row of its slab; the sums of all rows are added pairwise in a tree that depends on the
/// number of rows alone.
public struct RowSums: Sendable {
    private let partition: RowPartition
    private let communicator: any Communicator
    /// How many sums are made together.
    private let sumCount: Int
    /// Rows to rank 0, and totals back.
    private let parts: MessageSet
    private let totals: MessageSet
    private let tree: FixedMemory

    /// Plans the messages.
    ///
    /// - Parameter count: how many sums are made together, in one set of messages.
    public init(_ slabs: RowSlabs, count: Int = 1) {
        self.init(slabs.partition, communicator: slabs.communicator, count: count)
    }

    /// Sums over rows that are not those of domains.
    public init(_ partition: RowPartition, communicator: any Communicator, count: Int = 1) {
        precondition(count >= 1 && partition.rankCount == communicator.size, "at least one sum, and rows for every rank")
        self.partition = partition
        self.communicator = communicator
        sumCount = count
        let others = (1..<communicator.size).filter { !partition.rows(of: $0).isEmpty }
        let own = communicator.rank
        if own == 0 {
            parts = MessageSet(
                sent: [], received: others.map { (rank: $0, tag: 0, count: partition.rows(of: $0).count * count) })
            totals = MessageSet(sent: (1..<communicator.size).map { (rank: $0, tag: 0, count: count) }, received: [])
        } else {
            parts = MessageSet(
                sent: others.contains(own) ? [(rank: 0, tag: 0, count: partition.rows(of: own).count * count)] : [], received: [])
            totals = MessageSet(sent: [], received: [(rank: 0, tag: 0, count: count)])
        }
        tree = FixedMemory(count: own == 0 ? partition.rowCount * count : 0)
    }

    /// Rows of this rank.
    public var rows: Range<Int> { partition.rows(of: communicator.rank) }

    /// The totals over all rows, on all ranks.
    ///
    /// - Parameters:
    ///   - partial: [row][sum], of the rows of this rank.
    ///   - result: [sum], overwritten.
    public func total(_ partial: UnsafeBufferPointer<Double>, into result: UnsafeMutableBufferPointer<Double>) {
        precondition(partial.count == rows.count * sumCount && result.count == sumCount, "one number a row and sum")
        if communicator.rank == 0 {
            communicator.begin(parts)
            let all = tree.values
            _ = all.update(fromContentsOf: partial)
            communicator.finish(parts)
            for message in parts.received {
                let first = partition.rows(of: message.rank).lowerBound * sumCount
                _ = all[first...].update(fromContentsOf: message.values)
            }
            addPairwise(all)
            for k in 0..<sumCount { result[k] = all[k] }
            for message in totals.sent { _ = message.values.update(fromContentsOf: result) }
        } else {
            for message in parts.sent { _ = message.values.update(fromContentsOf: partial) }
            communicator.begin(parts)
            communicator.finish(parts)
        }
        communicator.begin(totals)
        communicator.finish(totals)
        for message in totals.received { _ = result.update(fromContentsOf: message.values) }
    }

    /// The total of one sum: `partial[row]` of the rows of this rank.
    public func total(_ partial: [Double]) -> Double {
        precondition(sumCount == 1, "one sum")
        var result = 0.0
        partial.withUnsafeBufferPointer { partial in
            withUnsafeMutablePointer(to: &result) { total(partial, into: UnsafeMutableBufferPointer(start: $0, count: 1)) }
        }
        return result
    }

    /// Adds neighbours, then neighbouring pairs, and so on; the totals are left in the first row.
    private func addPairwise(_ values: UnsafeMutableBufferPointer<Double>) {
        var distance = 1
        while distance < partition.rowCount {
            for row in stride(from: 0, to: partition.rowCount - distance, by: 2 * distance) {
                for k in 0..<sumCount { values[row * sumCount + k] += values[(row + distance) * sumCount + k] }
            }
            distance *= 2
        }
    }
}
