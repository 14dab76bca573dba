import Foundation

/// How long something took, over and over.
struct Measurement {
    /// How often something is timed.
    enum Repetition {
        /// After a call to warm up, at least three times.
        case warm
        /// Once, as it comes: for what takes long, and has been warmed up if it needs that.
        case once
    }

    /// Of one repetition, in seconds, the shortest first.
    let times: [Double]

    /// Calls `body` as often as `repetition` says, and if that is more than once until `seconds` have passed.
    init(repeating seconds: Double, _ repetition: Repetition = .warm, _ body: () throws -> Void) rethrows {
        func time() throws -> Double {
            let begun = ContinuousClock.now
            try body()
            return (ContinuousClock.now - begun) / .seconds(1)
        }
        guard repetition == .warm else {
            times = [try time()]
            return
        }
        try body()
        var times: [Double] = []
        let start = ContinuousClock.now
        while times.count < 3 || ContinuousClock.now - start < .seconds(seconds) { times.append(try time()) }
        self.times = times.sorted()
    }

    /// Seconds of processor time that this process has taken.
    static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }

    var best: Double { times[0] }
    var median: Double { times[times.count / 2] }
}
