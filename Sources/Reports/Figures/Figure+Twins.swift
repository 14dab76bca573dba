import Experiments
import Recipes

extension Figure {
    /// How fast learned and exact trajectories part.
    ///
    /// - Parameter solver: of the exact ones.
    static func twinDivergence(_ twins: [Comparison.Twin], solver: SolverName) throws -> Figure {
        guard try firstTwin(twins).divergence.contains(where: { $0 > 0 }) else {
            throw FigureOmission("the learned and the exact run are the same")
        }
        let axis = try LogarithmicAxis(twins.flatMap { $0.divergence + $0.amplitude }, quantity: "the displacement")
        let contents = twins.enumerated().map { index, twin in
            Content.table("twin\(index)", columns: [twin.times, axis.shown(twin.divergence), axis.shown(twin.amplitude)])
        }
        let plots = twins.indices.flatMap { index in
            [
                "$twin\(index) using 1:3 \(FigureStyle.line(.exact, width: 1.5)) "
                    + (index == 0 ? "title 'rms {/:Italic Q}'" : ""),
                "$twin\(index) using 1:2 \(FigureStyle.line(.learned, width: 2)) "
                    + (index == 0 ? "title 'rms Δ{/:Italic Q}'" : ""),
            ]
        }
        return Figure(
            name: "twin-divergence", heading: "Divergence of the trajectories",
            caption:
                "Root mean square difference of the displacements of the learned and the exact run, which \(solver.words) "
                + "drives, and of the displacement itself, for "
                + (twins.count == 1 ? "the pair." : "each of \(twins.count) pairs."),
            contents: contents,
            commands: """
                \(axis.commands("y"))
                set xrange [0:]
                set xlabel '\(FigureStyle.time)'
                set ylabel 'displacement'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    /// The pair that figures of one pair show.
    private static func firstTwin(_ twins: [Comparison.Twin]) throws -> Comparison.Twin {
        guard let twin = twins.first, twin.times.count > 1 else {
            throw FigureOmission("the twins were compared at one time alone")
        }
        return twin
    }

    private static let exactStyle = FigureStyle.line(.exact, width: 2)
    private static let learnedStyle = FigureStyle.line(.learned, width: 2, dashed: true)

    /// Panels beside one another under one key.
    private static func twinPanels(_ count: Int, entries: Int) -> PanelGrid {
        PanelGrid(columns: count, rows: 1, aspect: count > 1 ? 1 : 0.5) {
            $0.left = 96
            $0.right = 20
            $0.horizontalGap = 102
            $0.reserveKey(entries: entries)
        }
    }

    /// Order parameter and domain length of both runs.
    static func twinOrder(_ twins: [Comparison.Twin]) throws -> Figure {
        let twin = try firstTwin(twins)
        typealias Quantity = (label: String, words: String, exact: [Double], learned: [Double], axes: String)
        let all: [Quantity] = [
            (
                "order parameter {/:Italic φ}", "staggered displacement φ", twin.exact.orderParameter,
                twin.learned.orderParameter,
                FigureStyle.zeroLine
            ),
            (
                FigureStyle.domainLength, "domain length L, between two lattice constants and a quarter of the side,",
                twin.exact.domainLength, twin.learned.domainLength, "unset xzeroaxis\nset yrange [0:]"
            ),
        ]
        let quantities = all.filter { ($0.exact + $0.learned).contains(where: \.isFinite) }
        guard !quantities.isEmpty else { throw FigureOmission("neither an order parameter nor a domain length is defined here") }
        let grid = twinPanels(quantities.count, entries: 2)
        let panels = quantities.enumerated().map { index, quantity in
            """
            \(grid.margins(index))
            set ylabel '\(quantity.label)'
            \(quantity.axes)
            plot $order using 1:\(2 * index + 2) \(exactStyle) notitle, $order using 1:\(2 * index + 3) \(learnedStyle) notitle
            """
        }
        return Figure(
            name: "twin-order", heading: "Order and domain length",
            caption: "The \(quantities.map(\.words).joined(separator: " and the ")) of the learned and the exact run"
                + (twins.count > 1 ? " of the first pair." : "."),
            width: grid.size.width, height: grid.size.height,
            contents: [.table("order", columns: [twin.times] + quantities.flatMap { [$0.exact, $0.learned] })],
            commands: """
                set multiplot
                set xrange [0:]
                set xlabel '\(FigureStyle.time)'
                \(panels.joined(separator: "\n"))
                \(grid.key(["\(exactStyle) title 'exact'", "\(learnedStyle) title 'learned'"]))
                unset multiplot
                """)
    }

    /// C(r) and S(q) of both runs at several times.
    static func twinCorrelation(_ twins: [Comparison.Twin], labels: OrderLabels) throws -> Figure {
        let twin = try firstTwin(twins)
        guard twin.radii.count > 1, let last = twin.exact.structureFactors.last, last.contains(where: { $0 > 0 }) else {
            throw FigureOmission("the comparison holds no structure of the twins")
        }
        let samples = Array(spread(count: 5, over: twin.times.count).suffix(3))
        func curves(_ values: KeyPath<Comparison.Twin.Run, [[Double]]>) -> [[Double]] {
            samples.flatMap { [twin.exact[keyPath: values][$0], twin.learned[keyPath: values][$0]] }
        }
        let colors = FigureColor.sequence(samples.count)
        func plots(_ table: String) -> String {
            let curves = samples.indices.flatMap { index in
                [
                    "$\(table) using 1:\(2 * index + 2) \(FigureStyle.line(colors[index], width: 2)) notitle",
                    "$\(table) using 1:\(2 * index + 3) \(learnedStyle) notitle",
                ]
            }
            return "plot " + curves.joined(separator: ", \\\n    ")
        }
        let structure = curves(\.structureFactors)
        let axis = try LogarithmicAxis(structure.flatMap(\.self), quantity: "the structure factor")
        let grid = twinPanels(2, entries: samples.count + 1)
        let entries = zip(samples, colors).map { sample, color in
            "\(FigureStyle.line(color, width: 2)) title '{/:Italic t} = \(NumberText.plain(twin.times[sample]))'"
        }
        return Figure(
            name: "twin-correlation", heading: "Correlation and structure",
            caption:
                "The \(labels.correlation) and the structure factor around \(labels.centre) of the exact run (lines) and the "
                + "learned one (dashed) at several times" + (twins.count > 1 ? ", for the first pair." : "."),
            width: grid.size.width, height: grid.size.height,
            contents: [
                .table("correlation", columns: [twin.radii] + curves(\.correlations)),
                .table("structure", columns: [twin.waveNumbers] + structure.map(axis.shown)),
            ],
            commands: """
                set multiplot
                set xrange [0:]
                \(grid.margins(0))
                set xlabel '\(FigureStyle.distance)'
                set ylabel '\(FigureStyle.correlation)'
                \(FigureStyle.zeroLine)
                \(plots("correlation"))
                \(grid.margins(1))
                \(axis.commands("y"))
                set xlabel '\(labels.waveNumber)'
                set ylabel '\(labels.structureFactor)'
                \(plots("structure"))
                \(grid.key(entries + ["\(learnedStyle) title 'learned'"]))
                unset multiplot
                """)
    }
}
