extension AuditReport {
    /// What is worth telling.
    var facts: [StageSummary.Fact] {
        [
            .init("frames", "\(frames.count)"), .init("sites of each", isWhole ? "all" : "\(frames.first?.errors.sites ?? 0)"),
            .init("force RMSE", uncertain(overall.rootMeanSquare, samplingError)),
            .init("force RMSE of predicting zero", text(overall.trivial)),
            .init("mean absolute error", text(overall.meanAbsolute)),
        ] + (reliability.map { [$0.fact] } ?? []) + percentileFacts + frameFacts + uncertaintyFacts
    }

    private var percentileFacts: [StageSummary.Fact] {
        zip(percentileRanks, overall.percentiles).filter { $0.0 <= 99 }.map { rank, value in
            .init(text(rank) + " % of the sites below", text(value))
        }
    }

    private var frameFacts: [StageSummary.Fact] {
        func error(_ frame: Frame) -> String {
            uncertain(frame.errors.rootMeanSquare, frame.errors.samplingError) + " at t = " + text(frame.errors.time, digits: 6)
        }
        guard let worst = worstFrame, let last = frames.last,
            let largest = frames.max(by: { $0.errors.maximum < $1.errors.maximum })
        else { return [] }
        let cell = largest.worstCell.map(String.init).joined(separator: ", ")
        let net = frames.map(\.errors.netForce).max { abs($0) < abs($1) } ?? .nan
        return [
            .init(
                "largest error",
                text(largest.errors.maximum) + " at t = " + text(largest.errors.time, digits: 6) + ", cell (\(cell))"),
            .init("force RMSE of the worst frame", error(worst)), .init("force RMSE of the last frame", error(last)),
            .init("largest net force a site", text(net)),
        ]
    }

    /// Nothing where the solver says nothing of itself.
    private var uncertaintyFacts: [StageSummary.Fact] {
        let uncertainties = frames.map(\.errors.solverError)
        let inaccurate = frames.reduce(0) { $0 + $1.errors.inaccurateSites }
        var facts: [StageSummary.Fact] = []
        if let largest = uncertainties.max(), !uncertainties.contains(where: \.isNaN) {
            facts.append(.init("uncertainty of the exact force", text(largest)))
        }
        if inaccurate > 0 { facts.append(.init("sites beyond the accuracy asked for", "\(inaccurate)")) }
        return facts
    }

    private func uncertain(_ value: Double, _ error: Double) -> String {
        TerminalNumber.text(value, error: error)
    }

    private func text(_ value: Double, digits: Int = 4) -> String { TerminalNumber.text(value, digits: digits) }
}
