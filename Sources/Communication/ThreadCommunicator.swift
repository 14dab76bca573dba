import Foundation

/// Ranks that are threads of one process, for tests of what is written for processes.
///
/// A message is read from the sender's memory when the receiver finishes, as large messages of MPI may be: a sender that touches
/// it too early is found out. A rank that has ended and leaves others waiting ends the process: it would hang otherwise.
package struct ThreadCommunicator: Communicator {
    package let rank: Int
    package let size: Int
    private let meetingPoint: MeetingPoint

    /// Calls `body` on a thread for every rank, and waits for all.
    ///
    /// - Returns: the results in the order of the ranks.
    /// - Throws: what the lowest rank that failed threw.
    package static func run<Value: Sendable>(
        ranks: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> Value
    ) throws -> [Value] {
        let meetingPoint = MeetingPoint(size: ranks)
        let results = ThreadResults<Value>()
        for rank in 0..<ranks {
            let thread = Thread {
                let communicator = ThreadCommunicator(rank: rank, size: ranks, meetingPoint: meetingPoint)
                let result = Swift.Result { try body(communicator) }
                meetingPoint.leave(rank)
                results.add(result, of: rank)
            }
            thread.stackSize = 1 << 23
            thread.start()
        }
        return try results.wait(for: ranks).map { try $0.get() }
    }

    package func begin(_ messages: MessageSet) { meetingPoint.post(messages.sent, from: rank) }
    package func finish(_ messages: MessageSet) { meetingPoint.deliver(messages, to: rank) }

    package func maximum(_ values: UnsafeMutableBufferPointer<Double>) {
        for part in meetingPoint.share(values.map { $0 }, of: rank) {
            for k in values.indices { values[k] = max(values[k], part[k]) }
        }
    }

    package func gather(_ bytes: [UInt8], to root: Int) -> [[UInt8]]? {
        let all = meetingPoint.share(bytes, of: rank)
        return rank == root ? all : nil
    }

    package func broadcast(_ bytes: [UInt8], from root: Int) -> [UInt8] { meetingPoint.share(bytes, of: rank)[root] }
    package func barrier() { _ = meetingPoint.share([UInt8](), of: rank) }
    package func abort(exitCode: Int32) -> Never { exit(exitCode) }
}

/// What the ranks' bodies came to.
private final class ThreadResults<Value: Sendable>: @unchecked Sendable {
    // Guarded by the condition.
    private var results: [Int: Result<Value, any Error>] = [:]
    private let condition = NSCondition()

    func add(_ result: Result<Value, any Error>, of rank: Int) {
        condition.withLock {
            results[rank] = result
            condition.broadcast()
        }
    }

    func wait(for count: Int) -> [Result<Value, any Error>] {
        condition.withLock {
            while results.count < count { condition.wait() }
            return (0..<count).map { results[$0]! }
        }
    }
}
