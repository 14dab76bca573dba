import Foundation
import Synchronization
import Testing
import Workflows

@Suite struct ProgressTests {
    @Test func meterShowsRateAndTimeLeft() {
        var meter = ProgressMeter(stage: "generate", total: 400)
        meter.update(done: 100, seconds: 2)
        #expect(meter.rate == nil)
        #expect(meter.line(detail: "", bar: false) == "generate 25% 100/400")
        meter.update(done: 200, seconds: 27)
        // 100 pieces in 25 s since the first update: what was there at the start does not count.
        #expect(meter.rate == 4)
        #expect(meter.line(detail: "loss 0.5", bar: false) == "generate 50% 200/400, 4.0/s, 50 s left, loss 0.5")
        #expect(meter.line(detail: "", bar: true).hasPrefix("generate [############------------] 50%"))
    }

    @Test(arguments: [
        (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (61.2, "1 min 1 s"), (3599.6, "1 h 0 min"), (90_000, "1 d 1 h"),
        (.infinity, "for ever"), (.nan, "for ever"),
    ])
    func durations(_ seconds: Double, _ text: String) {
        #expect(durationText(seconds: seconds) == text)
    }

    @Test func terminalRewritesOneLine() {
        let output = Mutex("")
        let progress = TextProgress(style: .terminal) { text in output.withLock { $0 += text } }
        progress.begin(stage: "train", total: 2)
        progress.update(done: 1, detail: "a")
        progress.message("note")
        progress.end(summary: "done")
        let text = output.withLock { $0 }
        #expect(text.hasPrefix("\rtrain ["))
        #expect(text.contains("\u{1b}[K\r\u{1b}[Knote\ntrain: done ("))
        #expect(text.hasSuffix(")\n"))
    }

    @Test func linesAreFew() {
        let output = Mutex("")
        let progress = TextProgress(style: .lines) { text in output.withLock { $0 += text } }
        progress.begin(stage: "train", total: 1000)
        for done in 1...1000 { progress.update(done: done, detail: "") }
        progress.warning("careful")
        progress.end(summary: "done")
        let lines = output.withLock { $0 }.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1] == "warning: careful")
    }
}
