import Experiments

extension Figure {
    /// True against expected errors of a learned force, a point a bin of expected errors.
    static func reliability(_ reliability: Comparison.Reliability) throws -> Figure {
        let bins = reliability.bins.filter { $0.predicted > 0 && $0.error > 0 }
        let axis = try LogarithmicAxis(
            bins.map(\.predicted) + bins.map(\.error), quantity: "the predicted or the true error", below: 0.5, above: 2)
        let sites = bins.reduce(0) { $0 + $1.sites }
        // The area of a point tells how many sites it stands for, down to one in ten thousand.
        let sizes = bins.map { 0.5 + 2.5 * (Double($0.sites) / Double(sites)).squareRoot() }
        let note =
            "rank correlation \(NumberText.plain(reliability.rankCorrelation.rounded(toDigits: 2))),  rms predicted "
            + NumberText.enhanced(reliability.predicted)
        return Figure(
            name: "reliability", heading: "Does the force know its error?",
            caption:
                "Root mean square error of the force on the test trajectories against the error that it expects "
                + "(\(reliability.estimate.words(members: reliability.members))), for sites of about the same expectation "
                + "(\(NumberText.count(sites)) sites; larger points stand for more of them); on the line they agree.",
            width: 560, height: 520,
            contents: [.table("bins", columns: [bins.map(\.predicted), bins.map(\.error), sizes])],
            commands: """
                \(axis.commands("x"))
                \(axis.commands("y"))
                set size square
                set xlabel 'predicted error σ  (hopping)'
                set ylabel 'error of the force, root mean square  (hopping)'
                set title '\(note)'
                plot x \(FigureStyle.line(.muted, width: 1)), \\
                    $bins using 1:2:3 with points pointtype 7 pointsize variable linecolor rgb '\(FigureColor.blue)'
                """)
    }
}
