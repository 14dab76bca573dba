extension Figure {
    /// Training loss, validation error and learning rate against the epoch.
    static func learningCurve(_ curve: TrainingCurve) -> Figure? {
        guard !curve.epochs.isEmpty else { return nil }
        let columns = [curve.epochs, curve.losses.map { max($0, 0).squareRoot() }, curve.validationErrors, curve.learningRates]
        return Figure(
            name: "learning-curve", heading: "Learning curve",
            caption:
                "Square root of the mean training loss, which is in units of the root mean square force of the training data, and "
                + "root mean square error on the validation trajectories with the averaged weights; thin line and right axis: "
                + "learning rate.",
            contents: [.table("curve", columns: columns.map { $0.map { $0 > 0 ? $0 : .nan } })],
            commands: """
                set logscale y
                set logscale y2
                set format y '10^{%L}'
                set format y2 '10^{%L}'
                set border 11
                set rmargin 9
                set y2tics textcolor rgb '\(FigureStyle.muted)'
                set key top right
                set xrange [\(curve.epochs.count > 1 ? "" : "0"):]
                set xlabel 'epoch'
                set ylabel 'error'
                set y2label 'learning rate' textcolor rgb '\(FigureStyle.muted)'
                plot $curve using 1:4 axes x1y2 with lines linewidth 1 linecolor rgb '\(FigureStyle.muted)', \\
                    $curve using 1:2 with lines linewidth 2 linecolor rgb '\(FigureStyle.sky)' \\
                    title '√(training loss)  (rms force)', \\
                    $curve using 1:3 with linespoints pointtype 7 pointsize 0.35 linewidth 2 linecolor rgb '\(FigureStyle.blue)' \\
                    title 'validation RMSE  (hopping)'
                """)
    }
}
