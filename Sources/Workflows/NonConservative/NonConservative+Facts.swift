extension Comparison.NonConservative {
    /// What a terminal shows.
    var facts: [StageSummary.Fact] {
        var facts = [
            StageSummary.Fact(
                "Jacobian, antisymmetric by symmetric part",
                TerminalNumber.text(jacobian.learned, error: jacobian.learnedError, digits: 2))
        ]
        if let loops {
            facts.append(
                .init(
                    "work around loops / (√site k_BT)", TerminalNumber.text(loops.relative, error: loops.relativeError, digits: 2)
                ))
        }
        if let run = energy?.learned {
            facts.append(
                .init("energy drift per site and time", TerminalNumber.text(run.drift, error: run.driftError, digits: 2)))
        }
        if let kinetic = kineticTemperature {
            facts += [
                .init(
                    "kinetic temperature, expected and measured",
                    TerminalNumber.text(kinetic.expected) + ", "
                        + TerminalNumber.text(kinetic.measured, error: kinetic.measuredError)),
                .init(
                    "of it from relaxation and from force errors",
                    TerminalNumber.text(kinetic.released, digits: 2) + ", "
                        + TerminalNumber.text(kinetic.injected, error: kinetic.injectedError, digits: 2)),
            ]
        }
        return facts
    }
}
