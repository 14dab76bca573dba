import Foundation
import Reports
import Runs
import Synchronization
import Testing

@Suite struct ProgressTests {
    @Test func meterShowsRateAndTimeLeft() {
        var meter = ProgressMeter(stage: "generate", total: 400)
        meter.update(done: 100, seconds: 2)
        #expect(meter.rate == nil)
        #expect(meter.line(detail: "", bar: false) == "generate 25% 100/400")
        meter.update(done: 101, seconds: 3)
        #expect(meter.rate == nil)
        meter.update(done: 200, seconds: 27.75)
        // 99 pieces in 24.75 s since the first that was made: what was there at the start does not count.
        #expect(meter.rate == 4)
        #expect(meter.line(detail: "loss 0.5", bar: false) == "generate 50% 200/400, 4.0/s, 50 s left, loss 0.5")
        #expect(meter.line(detail: "", bar: true).hasPrefix("generate [############------------] 50%"))
    }

    /// 1000 steps of 23 ms after a first one of some seconds: no estimate is far off, and there is one soon.
    @Test(arguments: [0.1, 2, 50]) func theFirstStepIsNotTheOthers(_ setup: Double) {
        var meter = ProgressMeter(stage: "simulate", total: 1000)
        meter.update(done: 0, seconds: 0.01)
        for done in 1...1000 {
            let seconds = setup + 0.023 * Double(done)
            meter.update(done: done, seconds: seconds)
            if done > 23 { #expect(abs((meter.rate ?? 0) * 0.023 - 1) < 1e-9) }
            if done < 20 { #expect(meter.rate == nil) }
        }
        // Long pieces: there is an estimate after two.
        var long = ProgressMeter(stage: "audit", total: 3)
        long.update(done: 0, seconds: 0)
        long.update(done: 1, seconds: 60)
        #expect(long.rate == nil)
        long.update(done: 2, seconds: 70)
        #expect(long.rate == 0.1)
    }

    /// A quench is slower while it is hot: the older half of the time is forgotten.
    @Test func theRateFollowsTheWork() throws {
        var meter = ProgressMeter(stage: "simulate", total: 1000)
        var seconds = 0.0
        for done in 0...1000 {
            meter.update(done: done, seconds: seconds)
            seconds += done < 100 ? 0.1 : 0.01
        }
        #expect(try abs(#require(meter.rate) / 100 - 1) < 0.1)
    }

    @Test func linesFitAnyWidth() {
        var meter = ProgressMeter(stage: "simulate", total: 100_000)
        for done in 0...2000 { meter.update(done: done, seconds: 0.05 * Double(done)) }
        let detail = "L = 12.3, k_BT = 0.101"
        var longest = 0
        for width in 0...120 {
            let line = meter.line(detail: detail, bar: true, width: width)
            #expect(line.count <= width)
            if width >= 20 { #expect(line.hasPrefix("simulate ") && line.contains("2%")) }
            // Where it fits, the time that is left is there.
            if width >= 35 { #expect(line.contains("1 h 21 min left")) }
            #expect(line.count >= longest || width < 20)
            longest = line.count
        }
        #expect(meter.line(detail: detail, bar: true, width: 120) == meter.line(detail: detail, bar: true))
        #expect(meter.line(detail: detail, bar: true, width: 120).hasSuffix(detail))
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

    /// Asked for every line, for a window may be resized.
    @Test func theTerminalsWidthIsFollowed() {
        let output = Mutex([String]())
        let columns = Mutex(30)
        let progress = TextProgress(
            style: .terminal, width: { columns.withLock { $0 } }, write: { text in output.withLock { $0.append(text) } })
        for width in [30, 12, 2, 200] {
            columns.withLock { $0 = width }
            progress.begin(stage: "simulate", total: 100)
            progress.update(done: 50, detail: "L = 12.3, k_BT = 0.101")
        }
        let lines = output.withLock { $0 }.filter { $0.hasPrefix("\r") }.map { $0.dropFirst().replacing("\u{1b}[K", with: "") }
        #expect(lines.map(\.count).prefix(3).elementsEqual([19, 11, 1]) && lines[3].hasSuffix("k_BT = 0.101"))
        #expect(lines[0] == "simulate 50% 50/100")
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
