import Foundation

/// The processes that work on one task together, each known by its rank.
///
/// Every operation but ``begin(_:)`` and ``finish(_:)`` is collective: all ranks call it, in the same order. Results do not
/// depend on timing; sums are not offered, because their bits would depend on the number of ranks: gather the parts in the order
/// of the ranks, or find them in pieces that do not depend on the ranks.
public protocol Communicator: Sendable {
    /// This process, 0 ≤ rank < size.
    var rank: Int { get }
    /// How many processes there are.
    var size: Int { get }

    /// Begins to send and receive; the messages' memory must not be touched until ``finish(_:)``.
    func begin(_ messages: MessageSet)
    /// Waits until all messages are sent and received.
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
}

/// Messages that are sent and received together, again and again: their memory and their partners.
///
/// A message is told from others between the same two ranks by its tag. `@unchecked Sendable`: the owner and the communicator use
/// the memory in turns, between ``Communicator/begin(_:)`` and ``Communicator/finish(_:)``.
public final class MessageSet: @unchecked Sendable {
    /// One message: numbers to or from a rank.
    public struct Message {
        /// The partner.
        public let rank: Int
        /// Tells messages between the same two ranks apart.
        public let tag: Int32
        /// The numbers, in the memory of the set.
        public let values: UnsafeMutableBufferPointer<Double>
    }

    /// What is sent.
    public let sent: [Message]
    /// What is received.
    public let received: [Message]
    /// What the communicator keeps with these messages, made at their first use.
    package var handle: AnyObject?

    /// Memory for messages of given partners, tags and lengths.
    public init(sent: [(rank: Int, tag: Int32, count: Int)], received: [(rank: Int, tag: Int32, count: Int)]) {
        func message(_ description: (rank: Int, tag: Int32, count: Int)) -> Message {
            let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: description.count)
            values.initialize(repeating: 0)
            return Message(rank: description.rank, tag: description.tag, values: values)
        }
        self.sent = sent.map(message)
        self.received = received.map(message)
    }

    deinit {
        for message in sent + received { message.values.deallocate() }
    }
}

/// A process that works alone. Messages to itself are delivered.
public struct SingleProcess: Communicator {
    /// The only one there is.
    public init() {}

    public var rank: Int { 0 }
    public var size: Int { 1 }

    public func begin(_ messages: MessageSet) {}

    public func finish(_ messages: MessageSet) {
        for message in messages.received {
            let source = messages.sent.first { $0.tag == message.tag && $0.values.count == message.values.count }!
            _ = message.values.update(fromContentsOf: source.values)
        }
    }

    public func maximum(_ values: UnsafeMutableBufferPointer<Double>) {}
    public func gather(_ bytes: [UInt8], to root: Int) -> [[UInt8]]? { [bytes] }
    public func broadcast(_ bytes: [UInt8], from root: Int) -> [UInt8] { bytes }
    public func barrier() {}
    public func abort(exitCode: Int32) -> Never { exit(exitCode) }
}
