import Experiments
import Recipes
import Runs
import Training

extension Figure {
    /// Training loss, validation error and what governs the length of a step against the epoch.
    package static func learningCurve(_ curve: TrainingCurve, options: TrainingOptions) throws -> Figure {
        let losses = curve.losses.map { max($0, 0).squareRoot() }
        let axis = try LogarithmicAxis(losses + curve.validationErrors, quantity: "every loss and every validation error")
        // L-BFGS, which may follow Adam, has neither a rate nor a damping.
        let isDamped = options.optimizer == .levenbergMarquardt
        let rates = zip(curve.epochs, curve.learningRates).map { isDamped || $0 <= Double(options.epochs) ? $1 : .nan }
        let rateAxis = try? LogarithmicAxis(rates, quantity: "the rate")
        let rateName = isDamped ? "damping {/:Italic λ} of Levenberg–Marquardt" : "learning rate"
        let shown = [axis.shown(losses), axis.shown(curve.validationErrors)] + (rateAxis.map { [$0.shown(rates)] } ?? [])
        let last = curve.epochs.max() ?? 1
        let right = rateAxis.map { axis in
            """
            set border 11
            set rmargin 10
            \(axis.commands("y2"))
            set y2tics textcolor rgb '\(FigureColor.muted)'
            set y2label '\(rateName)' textcolor rgb '\(FigureColor.muted)'
            """
        }
        // A single epoch is a point.
        let style = curve.epochs.count > 1 ? "with lines" : "with points pointtype 7"
        let rate =
            rateAxis == nil
            ? "" : "$curve using 1:4 axes x1y2 \(style) linewidth 1 linecolor rgb '\(FigureColor.muted)', \\\n    "
        return Figure(
            name: "learning-curve", heading: "Learning curve",
            caption:
                "Square root of the mean training loss, which is in units of the root mean square force of the training data, "
                + "and root mean square error on the validation trajectories"
                + (isDamped ? "" : " with the averaged weights")
                + (rateAxis == nil
                    ? "."
                    : "; thin line and right axis: \(isDamped ? "damping λ of Levenberg–Marquardt’s steps" : "learning rate")."),
            contents: [.table("curve", columns: [curve.epochs] + shown)],
            commands: """
                \(axis.commands("y"))
                \(right ?? "")
                set xrange [\(curve.epochs.count > 1 ? curve.epochs[0] : 0):\(max(last, 1) * (curve.epochs.count > 1 ? 1 : 2))]
                \(FigureStyle.wholeNumbers("x", 0...last))
                set xlabel 'epoch'
                set ylabel 'error'
                plot \(rate)$curve using 1:2 \(style) linewidth 2 linecolor rgb '\(FigureColor.sky)' \\
                    title '√(training loss)  (rms force)', \\
                    $curve using 1:3 \(style) linewidth 2 linecolor rgb '\(FigureColor.blue)' \\
                    title 'validation RMSE  (hopping)'
                """)
    }
}
