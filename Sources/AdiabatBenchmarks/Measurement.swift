/// How long something took, over and over.
struct Measurement {
    /// Of one repetition, in seconds, the shortest first.
    let times: [Double]

    /// Calls `body` once to warm up, then at least three times and until `seconds` have passed.
    init(repeating seconds: Double, _ body: () throws -> Void) rethrows {
        try body()
        var times: [Double] = []
        let start = ContinuousClock.now
        while times.count < 3 || ContinuousClock.now - start < .seconds(seconds) {
            let begun = ContinuousClock.now
            try body()
            times.append((ContinuousClock.now - begun) / .seconds(1))
        }
        self.times = times.sorted()
    }

    var best: Double { times[0] }
    var median: Double { times[times.count / 2] }
}
