/// The numbers of an ensemble that are worth telling.
struct CoarseningFacts {
    let coarsening: Coarsening

    init(_ coarsening: Coarsening) {
        self.coarsening = coarsening
    }

    var facts: [StageSummary.Fact] { exponents + collapses + finiteSize }

    private var exponents: [StageSummary.Fact] {
        coarsening.ensembles.flatMap { ensemble in
            ensemble.growth.compactMap { growth in
                growth.fit.map { fit in
                    let window = fit.window.map { TerminalNumber.text($0) }.joined(separator: " to ")
                    return StageSummary.Fact(
                        "d ln L/d ln t, \(growth.length.symbol), \(sizeText(ensemble.size))",
                        TerminalNumber.fixed(fit.value, decimals: 3) + " ± " + TerminalNumber.fixed(fit.error, decimals: 3)
                            + " from t = \(window), \(ensemble.quenches) quenches"
                            + (coarsening.allenCahnExponent.isFinite ? "; Allen–Cahn ½" : ""))
                }
            }
        }
    }

    private var collapses: [StageSummary.Fact] {
        guard let ensemble = coarsening.ensembles.first else { return [] }
        return ensemble.collapses.filter { $0.length == .correlationLength }.map { collapse in
            let name =
                collapse.function == Coarsening.functions.correlation
                ? "C(r/L)" : "S(qL)/L\(["", "²", "³"][ensemble.size.count - 1])"
            return StageSummary.Fact(
                "collapse of \(name), \(sizeText(ensemble.size))",
                "spread \(TerminalNumber.text(collapse.spread, digits: 2)), "
                    + "\(TerminalNumber.text(collapse.ratio, digits: 2)) times its standard error")
        }
    }

    private var finiteSize: [StageSummary.Fact] {
        coarsening.finiteSize.filter { $0.length == .correlationLength && $0.finalFraction.isFinite }.map { check in
            func text(_ value: Double) -> String { TerminalNumber.text(value, digits: 3) }
            let text =
                check.departure.isFinite
                ? "from t = \(TerminalNumber.text(check.departure)), when L is \(text(check.departureFraction)) of the side"
                : "not by more than two standard errors, up to L = \(text(check.finalFraction)) of the side"
            return StageSummary.Fact("\(sizeText(check.size)) differs from \(sizeText(check.reference))", text)
        }
    }
}

extension Coarsening.LengthName {
    /// As tables name it.
    var symbol: String {
        switch self {
        case .correlationLength: "half height of C(r)"
        case .domainLength: "moment of S(q)"
        }
    }
}
