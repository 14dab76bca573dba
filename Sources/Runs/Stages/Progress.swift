import Foundation
import Recipes
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
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// How far a stage has come, how fast it goes and how long it will take, as one line of text.
///
/// The rate is that of the newer half of the time since the stage began, without its first piece, which carries the cost of setting up.
/// So the first estimate can be one, and a stage that becomes faster, as a quench does when it has cooled, is soon known to be.
package struct ProgressMeter: Sendable {
    package let stage: String
    package let total: Int
    /// Some of the updates, in their order; the first is where it found the stage: a resumed stage has not done everything before it
    /// itself.
    private var records: [Record] = []
    private var last = Record(done: 0, seconds: 0)

    private struct Record {
        let done: Int
        let seconds: Double
    }

    /// The time from the first update to each that is kept is longer than that to the one before by this factor, so that they are few.
    private static let spacing = 1.1
    /// Seconds that a rate is measured over at the least.
    private static let shortest = 0.5

    package init(stage: String, total: Int) {
        self.stage = stage
        self.total = total
    }

    /// - Parameter seconds: since the stage began.
    package mutating func update(done: Int, seconds: Double) {
        last = Record(done: done, seconds: seconds)
        guard let first = records.first else { return records.append(last) }
        guard let newest = records.last, done > newest.done else { return }
        let isDue = records.count == 1 || seconds - first.seconds >= Self.spacing * (newest.seconds - first.seconds)
        if isDue { records.append(last) }
    }

    /// Pieces a second; nil while it cannot be told.
    package var rate: Double? {
        guard let first = records.first, records.count > 1 else { return nil }
        let middle = min((first.seconds + last.seconds) / 2, last.seconds - Self.shortest)
        // After the first piece at the earliest.
        let base = records.dropFirst(2).last { $0.seconds <= middle } ?? records[1]
        guard last.done > base.done, last.seconds - base.seconds >= Self.shortest else { return nil }
        return Double(last.done - base.done) / (last.seconds - base.seconds)
    }

    /// `generate [#####-----] 50% 200/400, 3.2/s, 1 min 2 s left, detail`
    ///
    /// - Parameter width: the most characters. What matters least gives way: the bar becomes shorter, the rate, the detail, the bar and
    ///   the numbers go, in this order, and what is left is cut off. nil: any length.
    package func line(detail: String, bar: Bool, width: Int? = nil) -> String {
        let limit = width ?? .max
        let left = rate.map { durationText(seconds: Double(max(0, total - last.done)) / $0) + " left" }
        let rateText = rate.map(Self.rateText)
        func line(bar width: Int, rate: Bool = false, detail hasDetail: Bool = false, numbers: Bool = true) -> String {
            let head = stage + (width > 0 ? " [\(barText(width))]" : "") + " \(Int(fraction * 100))%"
            let parts = [
                numbers ? "\(last.done)/\(total)" : nil, rate ? rateText : nil, left, hasDetail && !detail.isEmpty ? detail : nil,
            ].compactMap(\.self)
            return parts.isEmpty ? head : head + " " + parts.joined(separator: ", ")
        }
        let bars = bar ? [24, 10] : [0]
        let choices =
            bars.map { line(bar: $0, rate: true, detail: true) } + [line(bar: bars.last!, detail: true), line(bar: bars.last!)]
            + [line(bar: 0), line(bar: 0, numbers: false)]
        return choices.first { $0.count <= limit } ?? String(choices.last!.prefix(max(0, limit)))
    }

    private var fraction: Double { total > 0 ? min(1, max(0, Double(last.done) / Double(total))) : 1 }

    private func barText(_ width: Int) -> String {
        let filled = Int(fraction * Double(width))
        return String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    }

    /// A slow rate as the time of one piece.
    private static func rateText(_ rate: Double) -> String {
        rate < 0.1 ? durationText(seconds: 1 / rate) + " each" : TerminalNumber.fixed(rate, decimals: rate < 10 ? 1 : 0) + "/s"
    }
}

/// A time as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`.
public func durationText(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "for ever" }
    if seconds < 9.95 { return TerminalNumber.fixed(max(0, seconds), decimals: 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    if whole < 86_400 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
    return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
}
