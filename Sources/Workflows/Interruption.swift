import Foundation
import Synchronization

/// A request to stop soon, which a stage looks at between two pieces of work: it writes a checkpoint and throws
/// ``WorkflowInterrupted``.
public final class Interruption: Sendable {
    private let isAsked = Atomic<Bool>(false)
    /// Looks left before the request comes by itself; negative: never.
    private let looksLeft: Atomic<Int>
    private let followsSignals: Bool

    private init(looks: Int, followsSignals: Bool) {
        looksLeft = Atomic(looks)
        self.followsSignals = followsSignals
    }

    /// An interruption that only ``request()`` brings about.
    public convenience init() {
        self.init(looks: -1, followsSignals: false)
    }

    /// An interruption that comes when it is looked for the `count + 1`-th time: a signal at a reproducible moment.
    public static func after(looks count: Int) -> Interruption {
        Interruption(looks: count, followsSignals: false)
    }

    /// The interruption of SIGINT and SIGTERM, whose handlers this installs.
    ///
    /// The first signal of either kind is the request; a second one of the same kind ends the program at once.
    public static func signals() -> Interruption {
        signalReceived.store(false, ordering: .relaxed)
        for signal in [SIGINT, SIGTERM] {
            var action = sigaction()
            // A store to a lock-free atomic is safe in a signal handler.
            action.__sigaction_handler.sa_handler = { _ in signalReceived.store(true, ordering: .relaxed) }
            // The handler gives way to the default after the first signal; system calls under way go on.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
            sigaction(signal, &action, nil)
        }
        return Interruption(looks: -1, followsSignals: true)
    }

    /// Asks the stage to stop.
    public func request() {
        isAsked.store(true, ordering: .relaxed)
    }

    /// Whether the stage should stop.
    public var isRequested: Bool {
        if followsSignals, signalReceived.load(ordering: .relaxed) { return true }
        if looksLeft.load(ordering: .relaxed) >= 0, looksLeft.subtract(1, ordering: .relaxed).oldValue <= 0 { request() }
        return isAsked.load(ordering: .relaxed)
    }

    /// - Throws: ``WorkflowInterrupted`` if the stage should stop. For stages that have nothing to save.
    public func check() throws {
        if isRequested { throw WorkflowInterrupted() }
    }
}

/// Set by the signal handlers. Global, because a handler can carry no context.
private let signalReceived = Atomic<Bool>(false)

/// A stage has stopped because it was asked to, after saving what it had.
public struct WorkflowInterrupted: Error, CustomStringConvertible, Sendable {
    /// The error that a stage throws once its state is saved.
    public init() {}

    public var description: String { "interrupted; repeat the command to go on" }
}
