import Foundation

/// How far a stage has come, how fast it goes and how long it will take, as one line of text.
package struct ProgressMeter: Sendable {
    package let stage: String
    package let total: Int
    private var done = 0
    private var seconds = 0.0
    /// Where the first update found the stage: a resumed stage has not done everything before it itself.
    private var start: (done: Int, seconds: Double)?

    package init(stage: String, total: Int) {
        self.stage = stage
        self.total = total
    }

    /// - Parameter seconds: since the stage began.
    package mutating func update(done: Int, seconds: Double) {
        self.done = done
        self.seconds = seconds
        if start == nil { start = (done, seconds) }
    }

    /// Pieces a second since the first update; nil before the second.
    package var rate: Double? {
        guard let start, seconds > start.seconds, done > start.done else { return nil }
        return Double(done - start.done) / (seconds - start.seconds)
    }

    /// `generate [#####-----] 50% 200/400, 3.2/s, 1 min 2 s left, detail`
    package func line(detail: String, bar: Bool) -> String {
        let fraction = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
        var head = stage
        if bar {
            let width = 24
            let filled = Int(fraction * Double(width))
            head += " [" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
        }
        head += " \(Int(fraction * 100))%"
        var parts = ["\(done)/\(total)"]
        if let rate {
            parts.append(rateText(rate))
            parts.append(durationText(seconds: Double(max(0, total - done)) / rate) + " left")
        }
        if !detail.isEmpty { parts.append(detail) }
        return head + " " + parts.joined(separator: ", ")
    }

    /// A slow rate as the time of one piece.
    private func rateText(_ rate: Double) -> String {
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
