import Communication
import Foundation

extension StageContext {
    /// Whether this process owns the files, and tells the user.
    public var isFirstRank: Bool { communicator.rank == 0 }

    /// Does something on the first rank alone, while the others wait for its result.
    ///
    /// What decides how a stage goes on, such as which files are there, is found in this way, so that all ranks go the same way.
    ///
    /// - Throws: what `body` throws on the first rank, and on the others ``WorkflowInterrupted`` if that was it, else
    ///   `OtherRankFailed`.
    func onFirstRank<Value: Codable>(_ body: () throws -> Value) throws -> Value {
        guard communicator.size > 1 else { return try body() }
        guard isFirstRank else {
            let reply = try JSONDecoder.exact.decode(Reply<Value>.self, from: Data(communicator.broadcast([], from: 0)))
            switch reply {
            case .value(let value): return value
            case .interrupted(let isTimeLimit): throw WorkflowInterrupted(isTimeLimit ? .timeLimit : .request)
            case .failed(let reason): throw OtherRankFailed(rank: 0, reason: reason)
            }
        }
        func tell(_ reply: Reply<Value>) throws {
            _ = communicator.broadcast(Array(try JSONEncoder.exact.encode(reply)), from: 0)
        }
        let value: Value
        do { value = try body() } catch {
            let interrupted = error as? WorkflowInterrupted
            try tell(interrupted.map { .interrupted(isTimeLimit: $0.reason == .timeLimit) } ?? .failed("\(error)"))
            throw error
        }
        try tell(.value(value))
        return value
    }

    /// Does something on the first rank alone, while the others wait until it is done.
    func doOnFirstRank(_ body: () throws -> Void) throws {
        _ = try onFirstRank { () -> Bool in
            try body()
            return true
        }
    }

    /// The same for the first rank alone.
    var alone: StageContext {
        var context = self
        context.communicator = SingleProcess()
        return context
    }

    /// Resolves the recipe, runs a stage that is not spread over ranks and enters it in the manifest, all on the first rank, while
    /// the others wait.
    ///
    /// - Parameter stage: gets a context without other ranks and with the resolved recipe.
    func recordedOnFirstRank(_ stage: (StageContext) throws -> StageSummary) throws -> StageSummary {
        try onFirstRank {
            let context = try alone.resolved()
            return try context.recorded { try stage(context) }
        }
    }

    /// Does on every rank what is that rank's part, and goes on when all have done theirs. What fails or is interrupted on one
    /// rank fails or is interrupted on all, so that none waits for the others.
    ///
    /// - Throws: what `body` throws on this rank; `OtherRankFailed` or ``WorkflowInterrupted`` if it was another.
    func onEveryRank<Value>(_ body: () throws -> Value) throws -> Value {
        let value = try communicator.together { () -> Value? in
            do { return try body() } catch is WorkflowInterrupted { return nil }
        }
        if communicator.any(value == nil) { throw WorkflowInterrupted(interruption.reason) }
        return value!
    }
}

/// What the first rank tells the others.
private enum Reply<Value: Codable>: Codable {
    case value(Value)
    case interrupted(isTimeLimit: Bool)
    case failed(String)
}

extension JSONEncoder {
    /// Numbers that are not finite become texts.
    fileprivate static var exact: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}

extension JSONDecoder {
    fileprivate static var exact: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}
