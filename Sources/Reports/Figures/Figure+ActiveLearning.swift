import Experiments

extension Figure {
    /// Errors of each round of active learning.
    static func activeLearning(_ rounds: [LearningRound]) throws -> Figure {
        let configurations = rounds.map { Double($0.configurations) }
        let errors = [
            rounds.map(\.auditError), rounds.map(\.pickedError), rounds.map(\.disagreement), rounds.map(\.validationError),
        ]
        let axis = try LogarithmicAxis(errors.flatMap(\.self), quantity: "the error of every round")
        let shown = errors.map(axis.shown)
        // A point without a known error is drawn all the same.
        let uncertainties = rounds.map { $0.auditUncertainty.isFinite ? $0.auditUncertainty : 0 }
        let columns = [configurations, shown[0], uncertainties] + shown.dropFirst()
        let range = (configurations.min() ?? 0)...(configurations.max() ?? 0)
        let margin = max(0.05 * (range.upperBound - range.lowerBound), 0.5)
        return Figure(
            name: "active-learning", heading: "Active learning",
            caption:
                "Root mean square errors of the force in each round against the number of configurations trained on: in the audit of "
                + "its dynamics, in the configurations picked for their disagreement, and on the validation trajectories; the "
                + "disagreement itself is what the round expected.",
            contents: [.table("rounds", columns: columns)],
            commands: """
                \(axis.commands("y"))
                set xrange [\(range.lowerBound - margin):\(range.upperBound + margin)]
                \(FigureStyle.wholeNumbers("x", range))
                set xlabel 'configurations trained on'
                set ylabel 'error of the force  (hopping)'
                plot $rounds using 1:6 with linespoints pointtype 5 linewidth 1.5 linecolor rgb '\(FigureColor.muted)' \\
                    title 'validation', \\
                    $rounds using 1:5 with linespoints pointtype 6 linewidth 1.5 dashtype 2 linecolor rgb '\(FigureColor.sky)' \\
                    title 'disagreement', \\
                    $rounds using 1:4 with linespoints pointtype 8 linewidth 1.5 linecolor rgb '\(FigureColor.orange)' \\
                    title 'picked', \\
                    $rounds using 1:2 \(FigureStyle.line(.blue, width: 2)), \\
                    $rounds using 1:2:3 with yerrorbars pointtype 7 linewidth 1.5 linecolor rgb '\(FigureColor.blue)' \\
                    title 'audit'
                """)
    }
}
