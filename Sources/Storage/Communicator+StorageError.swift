import Communication

/// Failures of one rank that all ranks throw alike, so that none waits for another and all decide the same.
extension Communicator {
    /// Runs `body` on every rank. Where it fails on any, all ranks throw the failure of the lowest of those.
    ///
    /// `body` must not communicate: a rank on which it fails has left it earlier than the others.
    package func jointly<Result>(_ body: () throws -> Result) throws -> Result {
        guard size > 1 else { return try body() }
        let outcome = Swift.Result { try body() }
        var failure: StorageError?
        if case .failure(let error) = outcome { failure = error as? StorageError ?? Self.storageError(of: error) }
        try agree(on: failure)
        return try outcome.get()
    }

    /// Throws the failure of the lowest rank that has one.
    package func agree(on failure: StorageError?) throws {
        guard size > 1 else {
            if let failure { throw failure }
            return
        }
        let failures = gather(failure?.encoded ?? [], to: 0)
        let first = broadcast(failures?.first { !$0.isEmpty } ?? [], from: 0)
        if !first.isEmpty { throw StorageError(encoded: first) }
    }

    private static func storageError(of error: any Error) -> StorageError {
        StorageError(.unwritable, path: "output", problem: "\(error)")
    }
}

extension StorageError {
    /// Kind, path and problem as text that ends each with a zero.
    fileprivate var encoded: [UInt8] {
        [kind.rawValue, path, problem].flatMap { Array($0.utf8) + [0] }
    }

    fileprivate init(encoded: [UInt8]) {
        let texts = encoded.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        self.init(Kind(rawValue: texts[0])!, path: texts[1], problem: texts[2])
    }
}
