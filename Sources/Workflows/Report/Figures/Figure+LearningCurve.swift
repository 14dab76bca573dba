extension Figure {
    /// Training loss, validation error and learning rate against the epoch.
    static func learningCurve(_ curve: TrainingCurve) -> Figure? {
        guard !curve.epochs.isEmpty else { return nil }
        let columns = [curve.epochs, curve.losses.map { max($0, 0).squareRoot() }, curve.validationErrors, curve.learningRates]
        return Figure(
            name: "learning-curve", heading: "Learning curve",
            caption:
                "Square root of the mean training loss, which is in units of the root mean square force of the training data, "
                + "and root mean square error on the validation trajectories with the averaged weights; thin line and right "
                + "axis: learning rate.",
            contents: [.table("curve", columns: columns.map { $0.map { $0 > 0 ? $0 : .nan } })],
            commands: """
                set logscale y
                set logscale y2
                set format y '10^{%L}'
                set format y2 '10^{%L}'
                set border 11
                set rmargin 9
                set y2tics textcolor rgb '\(FigureColor.muted)'
                set key top right
                set xrange [\(curve.epochs.count > 1 ? "" : "0"):]
                set xlabel 'epoch'
                set ylabel 'error'
                set y2label 'learning rate' textcolor rgb '\(FigureColor.muted)'
                plot $curve using 1:4 axes x1y2 \(FigureStyle.line(.muted, width: 1)), \\
                    $curve using 1:2 \(FigureStyle.line(.sky, width: 2)) \\
                    title '√(training loss)  (rms force)', \\
                    $curve using 1:3 \(FigureStyle.line(.blue, width: 2)) \\
                    title 'validation RMSE  (hopping)'
                """)
    }
}
