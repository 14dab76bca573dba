import Experiments
import Foundation
import Recipes

/// Errors of the force by stage, in units of the hopping.
enum ErrorTable {
    static func html(_ comparison: Comparison) -> String {
        // The others of the file would not fit on the page.
        let ranks = comparison.forces.percentileRanks.enumerated().filter { [50, 99].contains($0.element) }
        let names = ranks.map { $0.element == 50 ? "median" : "\(NumberText.plain($0.element)) %" }
        let head = ["stage", "sites", "RMSE", "MAE"] + names + ["largest", "R²", "trivial"]
        let rows = (comparison.forces.stages + (comparison.forces.electrons ?? [])).map { stage in
            [
                stage.name, NumberText.count(stage.sites), NumberText.text(stage.rootMeanSquare),
                NumberText.text(stage.meanAbsolute),
            ]
                + ranks.map { NumberText.text(stage.percentiles.dropFirst($0.offset).first ?? .nan) }
                + [NumberText.text(stage.maximum), determination(stage.determination), NumberText.text(stage.trivial)]
        }
        let caption =
            "Errors of the learned electronic force on the test trajectories, in units of the hopping: root mean square, mean "
            + "absolute, what half and 99 % of the sites stay below, and the largest. Trivial: RMSE of predicting zero."
        return HTML.table(caption: caption, head: head, rows: rows)
    }

    /// R² with as many digits as tell it from one.
    private static func determination(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let digits = value < 1 ? min(max(2 - Int(log10(1 - value).rounded(.down)), 3), 9) : 3
        let text = String(format: "%.\(digits - 1)f", value)
        return (text == "-0.00" ? "0.00" : text).replacing("-", with: "−")
    }
}

/// What the errors are on data seen and not seen in training.
enum SplitTable {
    static func html(_ comparison: Comparison) -> String {
        let errors = [
            comparison.trainingError, comparison.validationError, comparison.forces.stages.first?.rootMeanSquare ?? .nan,
        ]
        func count(_ counts: [Int], _ index: Int) -> String {
            counts.indices.contains(index) ? NumberText.count(counts[index]) : "–"
        }
        let rows = ["training", "validation", "test"].enumerated().map { index, name in
            [name, count(comparison.trajectories, index), count(comparison.snapshots, index), NumberText.text(errors[index])]
        }
        return HTML.table(
            caption: "The data, split by whole trajectories, and the root mean square error of the force on each part (hopping).",
            head: ["part", "trajectories", "snapshots", "RMSE"], rows: rows)
    }
}

/// How exactly the learned force keeps the symmetry.
enum SymmetryTable {
    static func html(_ rows: [Comparison.SymmetryBreaking]) -> String {
        HTML.table(
            caption:
                "Asymmetry of the learned electronic force under each generator g of the symmetry, ½‖gF(g⁻¹Q) − F(Q)‖ / ‖F‖, on a hot "
                + "configuration and on a held-back quench, and the largest ½|gF(g⁻¹Q) − F(Q)| on a site divided by the root mean "
                + "square of the force. A symmetric force has 0 up to rounding.",
            head: ["generator", "hot", "quench", "largest, site"],
            rows: rows.map { [$0.generator] + [$0.hot, $0.quench ?? .nan, $0.largest].map(NumberText.text) })
    }
}

/// How well the learned force tells its own error.
enum ReliabilityTable {
    static func html(_ reliability: Comparison.Reliability) -> String {
        func percent(_ share: Double) -> String { NumberText.plain((100 * share).rounded(toDigits: 3)) + " %" }
        func rank(_ correlation: Double) -> String {
            correlation.isFinite ? NumberText.plain(correlation.rounded(toDigits: 3)) : "–"
        }
        let coverage = zip(["σ", "2σ", "3σ"], zip(reliability.within, ["68.3 %", "95.4 %", "99.7 %"])).map {
            ["sites whose error is at most \($0)", percent($1.0), $1.1 + " (normal errors)"]
        }
        let shares = [
            "squared error on the 1 % of the sites with the largest σ", percent(reliability.worstShare),
            percent(reliability.largestShare) + " (with the largest errors)",
        ]
        let ranks = [
            ["rank correlation of σ and error, by configuration", rank(reliability.configurationCorrelation), "1"],
            ["the same by site", rank(reliability.rankCorrelation), "1"],
        ]
        return HTML.table(
            caption:
                "How well the learned force tells its own error σ on the test trajectories, by "
                + "\(reliability.estimate.words(members: reliability.members)) and calibrated on the validation trajectories.",
            head: ["", "found", "at best"], rows: [shares] + coverage + ranks)
    }
}

/// How far the learned force is from the gradient of a potential.
enum NonConservativeTable {
    /// - Parameter extent: of the lattice, in words.
    static func html(_ part: Comparison.NonConservative, extent: String) -> String {
        let jacobian = part.jacobian
        var rows = [
            ["‖J − Jᵀ‖/‖J + Jᵀ‖ of the electronic force", text(jacobian.learned, jacobian.learnedError), "0"],
            ["the same of the total force", text(jacobian.total, jacobian.totalError), "0"],
        ]
        if let loops = part.loops {
            rows.append([
                "work around loops of radius \(NumberText.text(loops.radius)), by √site and k_BT",
                text(loops.relative, loops.relativeError),
                NumberText.text(loops.exactRelative) + " (one loop)",
            ])
        }
        if let energy = part.energy {
            rows.append([
                "drift of the energy without a bath, per site and time", text(energy.learned.drift, energy.learned.driftError),
                energy.exact.map { text($0.drift, $0.driftError) } ?? "–",
            ])
        }
        if let kinetic = part.kineticTemperature {
            rows += [
                [
                    "kinetic temperature at k_BT = \(NumberText.plain(part.temperature))",
                    text(kinetic.measured, kinetic.measuredError), NumberText.text(kinetic.expected),
                ],
                ["part of it from heat of relaxation", NumberText.text(kinetic.released), "–"],
                ["part of it from the work of force errors", text(kinetic.injected, kinetic.injectedError), "0"],
            ]
        }
        let caption =
            "How far the learned force is from the gradient of a potential, at the end of a test quench of "
            + "\(extent), and what that does: beside it the force of the data’s solver, or the value without "
            + "such a part. Errors: one standard error of the estimate."
        return HTML.table(caption: caption, head: ["", "learned", "exact"], rows: rows)
    }

    private static func text(_ value: Double, _ error: Double) -> String {
        NumberText.text(value) + (error.isFinite ? " ± " + NumberText.text(error) : "")
    }
}

/// What a force costs.
enum CostTable {
    static func html(_ costs: [ForceCosts.Cost]) -> String {
        let rows = costs.map { cost in
            [
                name(cost), sizeText(cost.size), "\(cost.threads)", NumberText.duration(cost.seconds),
                NumberText.text(cost.microsecondsPerSite),
            ]
        }
        return HTML.table(
            caption: "Time of one force on the whole lattice, the best of three evaluations on the machine of the run.",
            head: ["force", "lattice", "threads", "time", "µs per site"], rows: rows)
    }

    private static func name(_ cost: ForceCosts.Cost) -> String {
        cost.name == "model" ? "learned" : SolverName.words(of: cost.name)
    }

    /// The fastest solver's time divided by that of the learned force, on the largest lattice that both were measured on.
    static func speedUp(_ costs: [ForceCosts.Cost]) -> (solver: String, size: [Int], factor: Double)? {
        let pairs = costs.filter { $0.name != "model" }.compactMap { exact -> (solver: String, size: [Int], factor: Double)? in
            guard let learned = costs.first(where: { $0.name == "model" && $0.size == exact.size }), learned.seconds > 0 else {
                return nil
            }
            return (name(exact), exact.size, exact.seconds / learned.seconds)
        }
        return pairs.max { ($0.size.reduce(1, *), $1.factor) < ($1.size.reduce(1, *), $0.factor) }
    }
}

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
