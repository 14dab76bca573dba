/// Sums of terms that are spread over ranks, added one rank after the other: the second rank adds its terms to what the first has
/// come to, and so on.
///
/// Terms that have an order keep it if each rank has neighbouring ones (``share(of:)``), so the sums have the same bits for any
/// number of ranks, those of one process that adds all of them. Meant for few, large terms such as gradients: adding is not done in
/// parallel, and the numbers travel once through all ranks.
///
/// `@unchecked Sendable`: used by one call at a time, as calls are collective.
public final class OrderedSum: @unchecked Sendable {
    private let communicator: any Communicator
    private let count: Int
    private let fromBefore: MessageSet
    private let toNext: MessageSet
    private let totals: MessageSet

    /// - Parameter count: how many sums are made together.
    public init(count: Int, communicator: any Communicator) {
        self.count = count
        self.communicator = communicator
        let (rank, last) = (communicator.rank, communicator.size - 1)
        func messages(to receivers: Range<Int>, from senders: Range<Int>, tag: Int32) -> MessageSet {
            MessageSet(
                sent: receivers.map { (rank: $0, tag: tag, count: count) },
                received: senders.map { (rank: $0, tag: tag, count: count) })
        }
        fromBefore = messages(to: 0..<0, from: max(rank - 1, 0)..<rank, tag: 0)
        toNext = messages(to: min(rank + 1, last + 1)..<min(rank + 2, last + 1), from: 0..<0, tag: 0)
        totals = rank == last ? messages(to: 0..<last, from: 0..<0, tag: 1) : messages(to: 0..<0, from: last..<last + 1, tag: 1)
    }

    /// The terms of this rank, out of so many.
    public func share(of terms: Int) -> Range<Int> {
        communicator.rank * terms / communicator.size..<(communicator.rank + 1) * terms / communicator.size
    }

    /// Adds the terms of all ranks.
    ///
    /// - Parameters:
    ///   - sums: what the sums begin with, equal on all ranks; the totals afterwards, on all ranks.
    ///   - addOwn: adds the terms of this rank, in their order.
    public func add(to sums: inout [Double], _ addOwn: (inout [Double]) -> Void) {
        precondition(sums.count == count, "as many sums as planned")
        guard communicator.size > 1 else { return addOwn(&sums) }
        take(fromBefore, into: &sums)
        addOwn(&sums)
        give(toNext, sums)
        give(totals, sums)
        take(totals, into: &sums)
    }

    private func give(_ messages: MessageSet, _ sums: [Double]) {
        guard !messages.sent.isEmpty else { return }
        for message in messages.sent { _ = message.values.update(fromContentsOf: sums) }
        communicator.begin(messages)
        communicator.finish(messages)
    }

    private func take(_ messages: MessageSet, into sums: inout [Double]) {
        guard let message = messages.received.first else { return }
        communicator.begin(messages)
        communicator.finish(messages)
        for k in sums.indices { sums[k] = message.values[k] }
    }
}
