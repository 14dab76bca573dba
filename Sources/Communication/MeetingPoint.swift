import Foundation

/// Where the ranks of a ``ThreadCommunicator`` leave messages for one another.
///
/// `@unchecked Sendable`: everything that changes is guarded by the condition.
final class MeetingPoint: @unchecked Sendable {
    private struct Address: Hashable {
        let sender: Int
        let receiver: Int
        let tag: Int32
    }

    private let size: Int
    private let condition = NSCondition()
    private var posted: [Address: [UnsafeMutableBufferPointer<Double>]] = [:]
    /// Messages not taken yet, [sender][receiver].
    private var untaken: [[Int]]
    private var shared: [Int: Any] = [:]
    /// Ranks that have not read yet what is shared.
    private var readers = 0
    private var ended: Set<Int> = []

    init(size: Int) {
        self.size = size
        untaken = [[Int]](repeating: [Int](repeating: 0, count: size), count: size)
    }

    /// Offers messages of a rank.
    func post(_ messages: [MessageSet.Message], from rank: Int) {
        condition.withLock {
            for message in messages {
                posted[Address(sender: rank, receiver: message.rank, tag: message.tag), default: []].append(message.values)
                untaken[rank][message.rank] += 1
            }
            condition.broadcast()
        }
    }

    /// Takes the messages for a rank, and waits until those it sent are taken.
    func deliver(_ messages: MessageSet, to rank: Int) {
        condition.withLock {
            for message in messages.received {
                let address = Address(sender: message.rank, receiver: rank, tag: message.tag)
                wait(for: [message.rank]) { posted[address]?.isEmpty == false }
                let source = posted[address]!.removeFirst()
                precondition(source.count == message.values.count, "a message as long as expected")
                _ = message.values.update(fromContentsOf: source)
                untaken[message.rank][rank] -= 1
                condition.broadcast()
            }
            for receiver in 0..<size { wait(for: [receiver]) { untaken[rank][receiver] == 0 } }
        }
    }

    /// What all ranks have, in the order of the ranks, once all of them have come here.
    func share<Value>(_ value: Value, of rank: Int) -> [Value] {
        condition.withLock {
            // The meeting before may not be over.
            wait(for: []) { readers == 0 }
            shared[rank] = value
            if shared.count == size {
                readers = size
                condition.broadcast()
            }
            wait(for: (0..<size).filter { shared[$0] == nil }) { readers > 0 }
            let all = (0..<size).map { shared[$0] as! Value }
            readers -= 1
            if readers == 0 {
                shared = [:]
                condition.broadcast()
            }
            return all
        }
    }

    /// A rank has come to its end.
    func leave(_ rank: Int) {
        condition.withLock {
            ended.insert(rank)
            condition.broadcast()
        }
    }

    /// Waits for what ranks will do, which they must be there for.
    private func wait(for ranks: [Int], until isTrue: () -> Bool) {
        while !isTrue() {
            precondition(ended.isDisjoint(with: ranks), "a rank has ended while another waits for it")
            condition.wait()
        }
    }
}
