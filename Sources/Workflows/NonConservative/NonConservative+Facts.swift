import Foundation

extension Comparison.NonConservative {
    /// What a terminal shows.
    var facts: [StageSummary.Fact] {
        var facts = [
            StageSummary.Fact(
                "Jacobian, antisymmetric by symmetric part",
                String(format: "%.2g ± %.1g", jacobian.learned, jacobian.learnedError))
        ]
        if let loops {
            facts.append(.init("work around loops, √site, k_BT", String(format: "%.2g", loops.relative)))
        }
        if let run = energy?.learned {
            facts.append(
                .init("energy drift, site, time", String(format: "%.2g ± %.1g", run.drift, run.driftError)))
        }
        if let kinetic = kineticTemperature {
            facts += [
                .init(
                    "kinetic temperature, expected and measured",
                    String(format: "%.4g, %.4g ± %.1g", kinetic.expected, kinetic.measured, kinetic.measuredError)),
                .init(
                    "of it from relaxation and from force errors",
                    String(format: "%.2g, %.2g ± %.1g", kinetic.released, kinetic.injected, kinetic.injectedError)),
            ]
        }
        return facts
    }
}
