extension Figure {
    /// Errors of each round of active learning.
    static func activeLearning(_ rounds: [LearningRound]) -> Figure? {
        guard !rounds.isEmpty else { return nil }
        let columns = [
            rounds.map { Double($0.configurations) }, rounds.map(\.auditError), rounds.map(\.auditUncertainty),
            rounds.map(\.pickedError), rounds.map(\.disagreement), rounds.map(\.validationError),
        ]
        return Figure(
            name: "active-learning", heading: "Active learning",
            caption:
                "Root mean square errors of the force in each round against the number of configurations trained on: in the audit of "
                + "its dynamics, in the configurations picked for their disagreement, and on the validation trajectories; the "
                + "disagreement itself is what the round expected.",
            contents: [.table("rounds", columns: columns)],
            commands: """
                set logscale y
                set format y '10^{%L}'
                set key outside top center horizontal
                set offsets graph 0.05, graph 0.05, 0, 0
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
