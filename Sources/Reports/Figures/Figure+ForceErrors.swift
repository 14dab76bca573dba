import Experiments
import Recipes
import Runs

extension Figure {
    /// Learned against exact forces, a point a site.
    ///
    /// - Parameter solver: of the exact ones.
    static func parity(_ forces: Comparison.ForceErrors, solver: SolverName) throws -> Figure {
        let values = (forces.exact + forces.learned).filter(\.isFinite)
        guard let low = values.min(), let high = values.max(), let all = forces.stages.first else {
            throw FigureOmission("the comparison holds no forces")
        }
        let margin = max(0.04 * (high - low), 1e-6)
        let (from, to) = (low - margin, high + margin)
        let note =
            "RMSE " + NumberText.enhanced(all.rootMeanSquare) + ",  MAE " + NumberText.enhanced(all.meanAbsolute)
            + (all.determination.isFinite ? ",  1 − {/:Italic R}^2 = " + NumberText.enhanced(1 - all.determination) : "")
        return Figure(
            name: "parity", heading: "Parity",
            caption: "Electronic force of the network against that of \(solver.words) on the test trajectories, one point per "
                + "site (\(NumberText.count(forces.exact.count)) of \(NumberText.count(all.sites)) sites); on the line both "
                + "agree.",
            width: 560, height: 520, embedding: .raster,
            contents: [.table("forces", columns: [forces.exact, forces.learned])],
            commands: """
                set xrange [\(from):\(to)]
                set yrange [\(from):\(to)]
                set size square
                set xlabel 'exact force {/:Italic F}  (hopping)'
                set ylabel 'learned force {/:Italic F}_{NN}  (hopping)'
                set title '\(note)'
                plot x \(FigureStyle.line(.muted, width: 1)), \\
                    $forces using 1:2 with points pointtype 7 pointsize 0.3 linecolor rgb '\(FigureColor.blue.halfTransparent)'
                """)
    }

    /// The distribution of the errors, with the Gaussian of the same root mean square for the weight of the tails.
    static func errorHistogram(_ forces: Comparison.ForceErrors) throws -> Figure {
        guard let all = forces.stages.first, all.rootMeanSquare > 0, forces.errorBins.count > 1,
            forces.errorBins[1] > forces.errorBins[0]
        else { throw FigureOmission("the learned force has no error whose distribution could be shown") }
        let axis = try LogarithmicAxis(forces.errorDensity, quantity: "the density of errors", below: 1 / 3, above: 3)
        let width = forces.errorBins[1] - forces.errorBins[0]
        return Figure(
            name: "error-histogram", heading: "Distribution of the errors",
            caption:
                "Probability density of the error of the learned force on the test trajectories; the line is a Gaussian of the "
                + "same root mean square, for comparison.",
            contents: [.table("density", columns: [forces.errorBins, axis.shown(forces.errorDensity)])],
            commands: """
                \(axis.commands("y"))
                set xrange [\(forces.errorBins.first! - width):\(forces.errorBins.last! + width)]
                set boxwidth \(width)
                set samples 500
                set xlabel 'error of the force {/:Italic F}_{NN} − {/:Italic F}  (hopping)'
                set ylabel 'probability density  (1 / hopping)'
                sigma = \(all.rootMeanSquare)
                plot $density using 1:2 with boxes linecolor rgb '\(FigureColor.sky)' title 'network', \\
                    exp(-x**2/(2*sigma**2))/(sigma*sqrt(2*pi)) \(FigureStyle.line(.ink, width: 1.5, dashed: true)) \\
                    title 'Gaussian of the same rms'
                """)
    }

    /// Errors in each stage of the quench, with the size of the force for scale.
    static func errorByStage(_ forces: Comparison.ForceErrors) throws -> Figure {
        let stages = forces.stages
        let percentile = forces.percentileRanks.firstIndex(of: 99)
        let positions = stages.indices.map(Double.init)
        let ticks = stages.enumerated().map { index, stage in
            "\(GnuplotText.quoted(stage.name.replacing("quench ", with: ""))) \(index)"
        }
        let high = stages.map { stage in percentile.flatMap { stage.percentiles.dropFirst($0).first } ?? .nan }
        let series: [(title: String, values: [Double], style: String)] = [
            ("trivial: predicting zero", stages.map(\.trivial), "pointtype 5 linecolor rgb '\(FigureColor.muted)'"),
            ("largest error", stages.map(\.maximum), "pointtype 8 linecolor rgb '\(FigureColor.orange)'"),
            ("99 % of the sites below", high, "pointtype 6 linecolor rgb '\(FigureColor.sky)'"),
            ("RMSE", stages.map(\.rootMeanSquare), "pointtype 7 linecolor rgb '\(FigureColor.blue)'"),
        ]
        let plots = series.enumerated().filter { $0.element.values.contains { $0 > 0 } }.map { index, series in
            "$errors using 1:\(index + 2) with points pointsize 1.1 linewidth 1.5 \(series.style) title '\(series.title)'"
        }
        let axis = try LogarithmicAxis(series.flatMap(\.values), quantity: "the error of every stage")
        return Figure(
            name: "error-by-stage", heading: "Error by stage of the quench",
            caption:
                "Root mean square, 99th percentile and maximum of the error of the force in each stage (times since the quench, "
                + "in units of τ), and the root mean square error of predicting zero.",
            contents: [.table("errors", columns: [positions] + series.map { axis.shown($0.values) })],
            commands: """
                \(axis.commands("y"))
                set xrange [-0.5:\(Double(stages.count) - 0.5)]
                set xtics (\(ticks.joined(separator: ", "))) \(stages.count > 8 ? "rotate by -35" : "")
                set grid noxtics
                set key samplen 0.5
                set xlabel 'stage of the quench: all, hot configurations, and times {/:Italic t}  (τ)'
                set ylabel 'error of the force  (hopping)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }
}
