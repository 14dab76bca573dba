import Foundation
import Synchronization

/// A request to stop soon, which a stage looks at between two pieces of work: it writes a checkpoint and throws
/// ``WorkflowInterrupted``. It also carries requests for a checkpoint alone, after which the stage goes on.
public final class Interruption: Sendable {
    /// What brought it about.
    public enum Reason: Sendable, Equatable {
        /// A signal, or ``Interruption/request()``.
        case request
        /// The time that the run was given is over.
        case timeLimit
    }

    private let isAsked = Atomic<Bool>(false)
    private let isCheckpointAsked = Atomic<Bool>(false)
    /// Looks left before the request comes by itself; negative: never.
    private let looksLeft: Atomic<Int>
    private let followsSignals: Bool
    private let deadline: ContinuousClock.Instant?

    private init(looks: Int, followsSignals: Bool, timeLimit: Duration? = nil) {
        looksLeft = Atomic(looks)
        self.followsSignals = followsSignals
        deadline = timeLimit.map { .now + $0 }
    }

    /// An interruption that only ``request()`` brings about, or the end of `timeLimit`, counted from now.
    public convenience init(timeLimit: Duration? = nil) {
        self.init(looks: -1, followsSignals: false, timeLimit: timeLimit)
    }

    /// An interruption that comes when it is looked for the `count + 1`-th time: a signal at a reproducible moment.
    public static func after(looks count: Int) -> Interruption {
        Interruption(looks: count, followsSignals: false)
    }

    /// The signals that ask a stage to stop: those of a user, of a terminal that closes, and of batch systems before they kill.
    public static let stopSignals = [SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR2]

    /// The interruption of ``stopSignals``, and the request for a checkpoint of SIGUSR1, whose handlers this installs.
    ///
    /// The first signal is the request. A second SIGINT or SIGTERM of the same kind ends the program at once, unless it comes within
    /// a second: `timeout` and batch systems send it to a process and again to its group. The others may come any number of times,
    /// for the system sends SIGXCPU every second. SIGHUP stays ignored where it was (`nohup`).
    ///
    /// - Parameter timeLimit: when it comes by itself, counted from now; nil: never.
    public static func signals(timeLimit: Duration? = nil) -> Interruption {
        stopSignalReceived.store(false, ordering: .relaxed)
        firstInterrupt.store(0, ordering: .relaxed)
        firstTermination.store(0, ordering: .relaxed)
        checkpointSignalReceived.store(false, ordering: .relaxed)
        // Handlers keep to what is safe in them: lock-free atomics, the clock, and signals. System calls under way go on.
        for signal in stopSignals where signal != SIGHUP || !isIgnored(signal) {
            handle(signal) { signal in
                stopSignalReceived.store(true, ordering: .relaxed)
                let isRepeated =
                    switch signal {
                    case SIGINT: isRepeated(firstInterrupt)
                    case SIGTERM: isRepeated(firstTermination)
                    default: false
                    }
                guard isRepeated else { return }
                // The default action, once this handler has returned.
                Foundation.signal(signal, SIG_DFL)
                raise(signal)
            }
        }
        handle(SIGUSR1) { _ in checkpointSignalReceived.store(true, ordering: .relaxed) }
        // A program inherits what the thread that started it has blocked.
        var awaited = sigset_t()
        sigemptyset(&awaited)
        for signal in stopSignals + [SIGUSR1] { sigaddset(&awaited, signal) }
        pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
        return Interruption(looks: -1, followsSignals: true, timeLimit: timeLimit)
    }

    private static func handle(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigaction(signal, &action, nil)
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// Asks the stage to stop.
    public func request() {
        isAsked.store(true, ordering: .relaxed)
    }

    /// Asks the stage to write a checkpoint and to go on.
    public func requestCheckpoint() {
        isCheckpointAsked.store(true, ordering: .relaxed)
    }

    /// Whether the stage should stop.
    public var isRequested: Bool {
        if followsSignals, stopSignalReceived.load(ordering: .relaxed) { return true }
        if looksLeft.load(ordering: .relaxed) >= 0, looksLeft.subtract(1, ordering: .relaxed).oldValue <= 0 { request() }
        return isAsked.load(ordering: .relaxed) || isTimeOver
    }

    /// Whether the stage should write a checkpoint and go on. Asking takes the request back: it is answered once.
    public var isCheckpointRequested: Bool {
        let isSignalled = followsSignals && checkpointSignalReceived.exchange(false, ordering: .relaxed)
        return isCheckpointAsked.exchange(false, ordering: .relaxed) || isSignalled
    }

    /// Why the stage should stop; of no meaning before ``isRequested``.
    public var reason: Reason {
        let isSignalled = followsSignals && stopSignalReceived.load(ordering: .relaxed)
        return isTimeOver && !isSignalled && !isAsked.load(ordering: .relaxed) ? .timeLimit : .request
    }

    private var isTimeOver: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

    /// - Throws: ``WorkflowInterrupted`` if the stage should stop. For stages that have nothing to save.
    public func check() throws {
        if isRequested { throw WorkflowInterrupted(reason) }
    }
}

/// Set by the handlers of the signals that stop. Global, because a handler can carry no context.
private let stopSignalReceived = Atomic<Bool>(false)

/// When the first SIGINT came, in nanoseconds of the monotonic clock; 0: not yet.
private let firstInterrupt = Atomic<Int>(0)

/// The same for SIGTERM.
private let firstTermination = Atomic<Int>(0)

/// Whether a signal comes again on purpose, its first time being kept in `first`.
private func isRepeated(_ first: borrowing Atomic<Int>) -> Bool {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = time.tv_sec * 1_000_000_000 + time.tv_nsec
    let (isFirst, before) = first.compareExchange(expected: 0, desired: now, ordering: .relaxed)
    return !isFirst && now - before > 1_000_000_000
}

/// Set by the handler of SIGUSR1.
private let checkpointSignalReceived = Atomic<Bool>(false)

/// A stage has stopped because it was asked to, after saving what it had.
public struct WorkflowInterrupted: Error, CustomStringConvertible, Sendable {
    /// Who asked.
    public let reason: Interruption.Reason

    /// The error that a stage throws once its state is saved.
    public init(_ reason: Interruption.Reason = .request) {
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .request: "interrupted; repeat the command to go on"
        case .timeLimit: "stopped at the limit of --max-hours; repeat the command to go on"
        }
    }
}
