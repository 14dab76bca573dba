/// Messages that are sent and received together, again and again: their memory and their partners.
///
/// A message is told from others between the same two ranks by its tag. `@unchecked Sendable`: the owner and the communicator use
/// the memory in turns, between ``Communicator/begin(_:)`` and ``Communicator/finish(_:)``.
public final class MessageSet: @unchecked Sendable {
    /// One message: numbers to or from a rank.
    public struct Message {
        /// The partner.
        public let rank: Int
        /// Tells messages between the same two ranks apart; 0 ≤ tag < 32768.
        public let tag: Int32
        /// The numbers; fewer than 2³¹.
        public let values: UnsafeMutableBufferPointer<Double>

        /// A message in given memory.
        public init(rank: Int, tag: Int32, values: UnsafeMutableBufferPointer<Double>) {
            self.rank = rank
            self.tag = tag
            self.values = values
        }
    }

    /// What is sent.
    public let sent: [Message]
    /// What is received.
    public let received: [Message]
    /// What the communicator keeps with these messages, made at their first use.
    package var handle: AnyObject?
    /// The set that has the memory, if it is not this one.
    private let owner: MessageSet?
    private let ownsMemory: Bool

    /// Memory for messages of given partners, tags and lengths.
    public init(sent: [(rank: Int, tag: Int32, count: Int)], received: [(rank: Int, tag: Int32, count: Int)]) {
        func message(_ description: (rank: Int, tag: Int32, count: Int)) -> Message {
            let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: description.count)
            values.initialize(repeating: 0)
            return Message(rank: description.rank, tag: description.tag, values: values)
        }
        self.sent = sent.map(message)
        self.received = received.map(message)
        owner = nil
        ownsMemory = true
    }

    /// Messages in memory of the caller, which must outlive the set.
    public init(sent: [Message], received: [Message]) {
        self.sent = sent
        self.received = received
        owner = nil
        ownsMemory = false
    }

    /// The same messages the other way, in the same memory: what `other` receives is sent. The two are used in turns.
    public init(reversing other: MessageSet) {
        sent = other.received
        received = other.sent
        owner = other
        ownsMemory = false
    }

    deinit {
        // What the communicator keeps points into the memory.
        handle = nil
        guard ownsMemory else { return }
        for message in sent + received { message.values.deallocate() }
    }
}
