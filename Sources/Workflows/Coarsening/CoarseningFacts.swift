import Foundation

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
                    let window = fit.window.map { String(format: "%.4g", $0) }.joined(separator: " to ")
                    return StageSummary.Fact(
                        "d ln L/d ln t, \(growth.length.symbol), \(sizeText(ensemble.size))",
                        String(format: "%.3f ± %.3f", fit.value, fit.error)
                            + " from t = \(window), \(ensemble.quenches) quenches; Allen–Cahn ½")
                }
            }
        }
    }

    private var collapses: [StageSummary.Fact] {
        guard let ensemble = coarsening.ensembles.first else { return [] }
        return ensemble.collapses.filter { $0.length == .correlationLength }.map { collapse in
            let name = collapse.function == Coarsening.functions.correlation ? "C(r/L)" : "S(qL)/L²"
            return StageSummary.Fact(
                "collapse of \(name), \(sizeText(ensemble.size))",
                String(format: "spread %.2g, %.2g times its standard error", collapse.spread, collapse.ratio))
        }
    }

    private var finiteSize: [StageSummary.Fact] {
        coarsening.finiteSize.filter { $0.length == .correlationLength }.map { check in
            let text =
                check.departure.isFinite
                ? String(format: "from t = %.4g, when L is %.3g of the side", check.departure, check.departureFraction)
                : String(format: "not by more than two standard errors; L is %.3g of the side at the end", check.finalFraction)
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
