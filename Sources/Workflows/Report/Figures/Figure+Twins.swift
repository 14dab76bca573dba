extension Figure {
    /// How fast learned and exact trajectories part.
    ///
    /// - Parameter solver: of the exact ones.
    static func twinDivergence(_ twins: [Comparison.Twin], solver: SolverName) -> Figure? {
        guard let first = twins.first, first.times.count > 1 else { return nil }
        let contents = twins.enumerated().map { index, twin in
            Content.table(
                "twin\(index)", columns: [twin.times, twin.divergence, twin.amplitude].map { $0.map { $0.isFinite ? $0 : .nan } })
        }
        let plots = twins.indices.flatMap { index in
            [
                "$twin\(index) using 1:($3 > 0 ? $3 : NaN) \(FigureStyle.line(.exact, width: 1.5)) "
                    + (index == 0 ? "title 'rms {/:Italic Q}'" : ""),
                "$twin\(index) using 1:($2 > 0 ? $2 : NaN) \(FigureStyle.line(.learned, width: 2)) "
                    + (index == 0 ? "title 'rms Δ{/:Italic Q}'" : ""),
            ]
        }
        guard first.divergence.contains(where: { $0 > 0 }) else { return nil }
        return Figure(
            name: "twin-divergence", heading: "Divergence of the trajectories",
            caption:
                "Root mean square difference of the displacements of the learned and the exact run, which \(solver.words) "
                + "drives, and of the displacement itself, for \(twins.count == 1 ? "the pair" : "each of \(twins.count) pairs"): as in any chaotic system the "
                + "two part in the end, and only statistics can be compared.",
            contents: contents,
            commands: """
                set logscale y
                set format y '10^{%L}'
                set xrange [0:]
                set key bottom right
                set xlabel '\(FigureStyle.time)'
                set ylabel 'displacement'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    /// Order parameter and domain length of both runs.
    static func twinOrder(_ twins: [Comparison.Twin]) -> Figure? {
        guard let twin = twins.first, twin.times.count > 1 else { return nil }
        let columns = [
            twin.times, twin.exact.orderParameter, twin.learned.orderParameter, twin.exact.domainLength,
            twin.learned.domainLength,
        ]
        guard columns[1].contains(where: \.isFinite) else { return nil }
        let hasLength = columns[3].contains(where: \.isFinite)
        let lengthPanel = """
            set ylabel '\(FigureStyle.domainLength)'
            unset xzeroaxis
            set yrange [0:]
            \(bothRuns(exact: "$order using 1:4", learned: "$order using 1:5"))
            """
        return Figure(
            name: "twin-order", heading: "Order and domain length",
            caption: "Staggered displacement φ and domain length L of the learned and the exact run"
                + (twins.count > 1 ? " of the first pair." : "."),
            height: 380,
            contents: [.table("order", columns: columns)],
            commands: """
                set multiplot layout 1,\(hasLength ? 2 : 1)
                set bmargin 4
                set xrange [0:]
                set xlabel '\(FigureStyle.time)'
                set ylabel 'order parameter {/:Italic φ}'
                \(FigureStyle.zeroLine)
                set key outside top center horizontal
                \(bothRuns(exact: "$order using 1:2", learned: "$order using 1:3"))
                \(hasLength ? lengthPanel : "")
                unset multiplot
                """)
    }

    /// C(r) and S(q) of both runs at several times.
    static func twinCorrelation(_ twins: [Comparison.Twin], labels: OrderLabels) -> Figure? {
        guard let twin = twins.first, twin.radii.count > 1, let last = twin.exact.structureFactors.last,
            last.contains(where: { $0 > 0 })
        else { return nil }
        let samples = Array(spread(count: 5, over: twin.times.count).suffix(3))
        func columns(_ abscissa: [Double], _ values: KeyPath<Comparison.Twin.Run, [[Double]]>) -> [[Double]] {
            [abscissa] + samples.flatMap { [twin.exact[keyPath: values][$0], twin.learned[keyPath: values][$0]] }
        }
        func plots(_ table: String) -> String {
            let curves = zip(samples, FigureColor.sequence(samples.count)).enumerated().flatMap { index, curve in
                [
                    "$\(table) using 1:\(2 * index + 2) \(FigureStyle.line(curve.1, width: 2)) "
                        + "title '{/:Italic t} = \(NumberText.plain(twin.times[curve.0]))'",
                    "$\(table) using 1:\(2 * index + 3) \(FigureStyle.line(.learned, width: 2, dashed: true)) "
                        + (index == samples.count - 1 ? "title 'learned'" : "notitle"),
                ]
            }
            return "plot " + curves.joined(separator: ", \\\n    ")
        }
        return Figure(
            name: "twin-correlation", heading: "Correlation and structure",
            caption:
                "The \(labels.correlation) and the structure factor around \(labels.centre) of the exact run (lines) and the "
                + "learned one (dashed) at several times" + (twins.count > 1 ? ", for the first pair." : "."),
            height: 380,
            contents: [
                .table("correlation", columns: columns(twin.radii, \.correlations)),
                .table(
                    "structure", columns: columns(twin.waveNumbers, \.structureFactors).map { $0.map { $0 >= 0 ? $0 : .nan } }),
            ],
            commands: """
                set multiplot layout 1,2
                set bmargin 4
                set key top right
                set xrange [0:]
                set xlabel '\(FigureStyle.distance)'
                set ylabel '\(FigureStyle.correlation)'
                \(FigureStyle.zeroLine)
                \(plots("correlation"))
                set logscale y
                set format y '10^{%L}'
                set xlabel '\(labels.waveNumber)'
                set ylabel '\(labels.structureFactor)'
                \(plots("structure"))
                unset multiplot
                """)
    }

    /// The plot command of a quantity of both runs: the exact one as a line, the learned one dashed on top of it.
    private static func bothRuns(exact: String, learned: String) -> String {
        "plot \(exact) \(FigureStyle.line(.exact, width: 2)) title 'exact', "
            + "\(learned) \(FigureStyle.line(.learned, width: 2, dashed: true)) title 'learned'"
    }
}
