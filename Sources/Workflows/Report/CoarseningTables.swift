/// Exponents, scaling and the finite-size check of an ensemble.
enum CoarseningTables {
    static func html(_ coarsening: Coarsening) -> String {
        exponents(coarsening) + collapses(coarsening) + finiteSize(coarsening)
    }

    private static func exponents(_ coarsening: Coarsening) -> String {
        let hasCurvature = coarsening.allenCahnExponent.isFinite
        let rows = coarsening.ensembles.flatMap { ensemble in
            ensemble.growth.map { growth -> [String] in
                let fit = growth.fit.flatMap { $0.window.count == 2 ? $0 : nil }
                let deviation = fit.flatMap { coarsening.deviation(of: $0, quenches: ensemble.quenches) }
                return [
                    sizeText(ensemble.size), "\(ensemble.quenches)", growth.length.symbol,
                    fit.map { $0.window.map { NumberText.plain($0) }.joined(separator: "–") } ?? "–",
                    fit.map { NumberText.uncertain($0.value, $0.error) } ?? "–",
                ] + (hasCurvature ? [deviation.map { NumberText.plain($0.rounded(toDigits: 2)) } ?? "–"] : [])
            }
        }
        return HTML.table(
            caption:
                "Effective exponent d ln L/d ln t with its standard error, by the jackknife over independent quenches, where L is "
                + "between two lattice constants and a quarter of the side; none where that is at too few times."
                + (hasCurvature
                    ? " Deviation: from the ½ of Allen and Cahn in standard errors, with \(Coarsening.fewestQuenches) quenches or more."
                    : ""),
            head: ["lattice", "quenches", "length L", "time", "exponent"] + (hasCurvature ? ["deviation"] : []), rows: rows)
    }

    private static func collapses(_ coarsening: Coarsening) -> String {
        let rows = coarsening.ensembles.flatMap { ensemble in
            ensemble.collapses.map { collapse in
                [
                    sizeText(ensemble.size), collapse.function == Coarsening.functions.correlation ? "C(r/L)" : "ln S(qL)",
                    collapse.length.symbol, NumberText.text(collapse.spread), NumberText.text(collapse.error),
                    NumberText.plain(collapse.ratio.rounded(toDigits: 2)),
                ]
            }
        }
        guard !rows.isEmpty else { return "" }
        return HTML.table(
            caption: "Dynamic scaling: root mean square difference of single times from the mean over times, its standard error, "
                + "and their ratio, which is about 1 where nothing but chance keeps the curves apart.",
            head: ["lattice", "function", "length L", "spread", "error", "ratio"], rows: rows)
    }

    private static func finiteSize(_ coarsening: Coarsening) -> String {
        guard !coarsening.finiteSize.isEmpty else { return "" }
        let rows = coarsening.finiteSize.map { check in
            [
                sizeText(check.size), check.length.symbol,
                check.departure.isFinite
                    ? NumberText.plain(check.departure)
                    : check.finalFraction.isFinite ? "not while both are defined" : "not defined",
                NumberText.plain((check.departure.isFinite ? check.departureFraction : check.finalFraction).rounded(toDigits: 2)),
            ]
        }
        return HTML.table(
            caption:
                "Finite size: the time from which on L differs from that of \(sizeText(coarsening.ensembles[0].size)) by more "
                + "than two standard errors, and L by the shortest side of the lattice then, or where both were last defined.",
            head: ["lattice", "length L", "differs from time", "L / side"], rows: rows)
    }
}
