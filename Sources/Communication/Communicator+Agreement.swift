extension Communicator {
    /// Whether something is so on any rank.
    public func any(_ isTrue: Bool) -> Bool {
        guard size > 1 else { return isTrue }
        return maximum(of: isTrue ? 1 : 0) > 0
    }

    /// Does something on every rank that may fail, and fails on all of them if it fails on one, so that none waits for the others.
    ///
    /// - Throws: what `body` throws on this rank; ``OtherRankFailed`` if it was another.
    public func together<Value>(_ body: () throws -> Value) throws -> Value {
        guard size > 1 else { return try body() }
        let result = Result { try body() }
        var hasFailed = false
        if case .failure = result { hasFailed = true }
        // The lowest rank that has failed says why.
        let first = size - Int(maximum(of: hasFailed ? Double(size - rank) : 0))
        guard first < size else { return try result.get() }
        var reason: [UInt8] = []
        if case .failure(let error) = result { reason = Array("\(error)".utf8) }
        reason = broadcast(reason, from: first)
        if case .failure(let error) = result { throw error }
        throw OtherRankFailed(rank: first, reason: String(decoding: reason, as: UTF8.self))
    }

    private func maximum(of value: Double) -> Double {
        var value = value
        withUnsafeMutablePointer(to: &value) { maximum(UnsafeMutableBufferPointer(start: $0, count: 1)) }
        return value
    }
}

/// Another rank has failed, and this one cannot go on without it.
public struct OtherRankFailed: Error, Equatable, CustomStringConvertible {
    /// The lowest rank that has failed.
    public let rank: Int
    /// What it says.
    public let reason: String

    /// An error that a rank has told of.
    public init(rank: Int, reason: String) {
        self.rank = rank
        self.reason = reason
    }

    public var description: String { "rank \(rank): \(reason)" }
}
