import Synchronization

/// Where a stage says how far it has come. Stages call it from any thread, often; implementations decide what is shown.
public protocol ProgressReporter: Sendable {
    /// A stage of `total` pieces of work begins.
    func begin(stage: String, total: Int)
    /// `done` of the pieces are finished; `detail` says more, such as the loss.
    func update(done: Int, detail: String)
    /// The stage is finished.
    func end(summary: String)
    /// Something worth a line of its own.
    func message(_ text: String)
    /// Something that is not an error but that the user should know.
    func warning(_ text: String)
}

/// Shows nothing.
public struct SilentProgress: ProgressReporter {
    /// A reporter without state.
    public init() {}

    public func begin(stage: String, total: Int) {}
    public func update(done: Int, detail: String) {}
    public func end(summary: String) {}
    public func message(_ text: String) {}
    public func warning(_ text: String) {}
}

/// Progress as lines of text: one line rewritten in place on a terminal, or a new one every few seconds elsewhere.
public final class TextProgress: ProgressReporter {
    /// How the lines of progress are put out.
    public enum Style: Sendable {
        /// One line rewritten in place, with a bar, the rate and the time left.
        case terminal
        /// Lines that stay, at most one every five seconds.
        case lines

        var interval: Duration { self == .terminal ? .milliseconds(100) : .seconds(5) }
    }

    private struct State {
        var meter = ProgressMeter(stage: "", total: 0)
        var started = ContinuousClock.now
        var lastShown: ContinuousClock.Instant?
        /// The terminal's line is to be rewritten, not left.
        var lineIsOpen = false
    }

    private let style: Style
    private let width: @Sendable () -> Int?
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - width: columns of the terminal, asked before every line that is rewritten, for it may change; nil: unknown.
    ///   - write: puts text out, for instance to standard error; called by one thread at a time.
    public init(
        style: Style, width: @escaping @Sendable () -> Int? = { nil }, write: @escaping @Sendable (String) -> Void
    ) {
        self.style = style
        self.width = width
        self.write = write
    }

    public func begin(stage: String, total: Int) {
        state.withLock { state in
            closeLine(&state)
            state.meter = ProgressMeter(stage: stage, total: total)
            state.started = .now
            state.lastShown = nil
            if style == .lines { write("\(stage): begins\n") }
        }
    }

    public func update(done: Int, detail: String) {
        state.withLock { state in
            let now = ContinuousClock.now
            state.meter.update(done: done, seconds: (now - state.started).inSeconds)
            if let last = state.lastShown, now - last < style.interval { return }
            // The first line after a few seconds, not at once: a short stage needs none.
            if style == .lines, state.lastShown == nil, now - state.started < style.interval { return }
            state.lastShown = now
            switch style {
            case .terminal:
                // The last column stays free: some terminals begin a new line when it is taken.
                write("\r" + state.meter.line(detail: detail, bar: true, width: width().map { $0 - 1 }) + "\u{1b}[K")
                state.lineIsOpen = true
            case .lines:
                write(state.meter.line(detail: detail, bar: false) + "\n")
            }
        }
    }

    public func end(summary: String) {
        state.withLock { state in
            let time = durationText(seconds: (ContinuousClock.now - state.started).inSeconds)
            eraseLine(&state)
            write("\(state.meter.stage): \(summary) (\(time))\n")
        }
    }

    public func message(_ text: String) {
        state.withLock { state in
            eraseLine(&state)
            write(text + "\n")
        }
    }

    public func warning(_ text: String) {
        message("warning: " + text)
    }

    /// Leaves what the line shows and goes to the next, so that something else can be written.
    public func leaveLine() {
        state.withLock { closeLine(&$0) }
    }

    private func closeLine(_ state: inout State) {
        if state.lineIsOpen { write("\n") }
        state.lineIsOpen = false
    }

    /// Makes room for a line that stays; the next update is shown at once below it.
    private func eraseLine(_ state: inout State) {
        if state.lineIsOpen { write("\r\u{1b}[K") }
        state.lineIsOpen = false
        if style == .terminal { state.lastShown = nil }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
