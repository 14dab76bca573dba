import Foundation

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
