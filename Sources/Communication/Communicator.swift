/// The processes that work on one task together, each known by its rank.
///
/// Every operation is collective: all ranks call it, in the same order. Results do not depend on timing; sums are not offered,
/// because their bits would depend on the number of ranks: gather the parts in the order of the ranks, or find them in pieces
/// that do not depend on the ranks (``RowSums``).
public protocol Communicator: Sendable {
    /// This process, 0 ≤ rank < size.
    var rank: Int { get }
    /// How many processes there are.
    var size: Int { get }

    /// Begins to send and receive; the messages' memory must not be touched until ``finish(_:)``.
    func begin(_ messages: MessageSet)
    /// Waits until all messages are sent and received. Sets are finished in the order in which they were begun.
    func finish(_ messages: MessageSet)

    /// Replaces every value by its largest among the ranks.
    func maximum(_ values: UnsafeMutableBufferPointer<Double>)
    /// The bytes of every rank in the order of the ranks, on rank `root`; nil on the others.
    func gather(_ bytes: [UInt8], to root: Int) -> [[UInt8]]?
    /// The bytes that rank `root` has; what others pass is not looked at.
    func broadcast(_ bytes: [UInt8], from root: Int) -> [UInt8]
    /// Waits until every rank has come here.
    func barrier()
    /// Ends all processes at once, because this one cannot go on and the others would wait for it forever.
    func abort(exitCode: Int32) -> Never
    /// Takes leave of the others at the end of the program, which ends with the exit code; nothing can be said afterwards.
    ///
    /// Waits for the others to end as well. After a failure (an exit code other than 0) it waits ten seconds, and then ends all
    /// processes: those that have not failed would wait forever for this one.
    ///
    /// - Parameter lastWords: called before all processes are ended.
    func leave(exitCode: Int32, lastWords: () -> Void)
}

extension Communicator {
    public func leave(exitCode: Int32, lastWords: () -> Void) {}
}
