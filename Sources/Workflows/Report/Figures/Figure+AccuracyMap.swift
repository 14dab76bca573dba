extension Figure {
    /// The panels of an ``AccuracyMap`` side by side, with one key above them.
    static func accuracyMap(_ map: AccuracyMap) -> Figure {
        let layout = AccuracyMapLayout(map)
        return Figure(
            name: "accuracy-map", heading: "Error against cost",
            caption: "Root mean square error of the electronic force against the cost of a force, a point a solver.",
            width: Int(layout.width), height: Int(layout.height), contents: layout.tables, commands: layout.commands)
    }
}

/// The commands that draw an ``AccuracyMap``.
private struct AccuracyMapLayout {
    let map: AccuracyMap
    let width: Double
    let height = 510.0
    /// Names of the series of all panels, in the order of their first appearance.
    let names: [String]

    private let panelWidth = 320.0
    private let left = 78.0
    private let gap = 22.0

    init(_ map: AccuracyMap) {
        self.map = map
        names = map.panels.flatMap(\.series).map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        width = left + Double(map.panels.count) * (panelWidth + gap)
    }

    var tables: [Figure.Content] {
        map.panels.enumerated().flatMap { index, panel in
            panel.series.enumerated().map { number, series in
                let shown = series.points.filter { $0.error > 0 }
                return .table(table(index, number), columns: [shown.map(\.cost), shown.map(\.error)])
            }
        }
    }

    var commands: String {
        let points = map.panels.flatMap(\.series).flatMap(\.points)
        let (costs, errors) = (points.map(\.cost), points.map(\.error).filter { $0 > 0 } + map.panels.map(\.scale))
        let common = """
            set multiplot
            set tmargin at screen 0.77
            set bmargin at screen 0.12
            set logscale xy
            set format xy '10^{%L}'
            set xrange [\(costs.min()! / 2):\(costs.max()! * 2)]
            set yrange [\(errors.min()! / 3):\(errors.max()! * 3)]
            set xlabel 'cost of a force  (seconds a site)'
            """
        return ([common] + map.panels.indices.map(panel) + [key, "unset multiplot"]).joined(separator: "\n")
    }

    private func panel(_ index: Int) -> String {
        let panel = map.panels[index]
        let start = left + Double(index) * (panelWidth + gap)
        // What has no error, because it is the reference, is a line from top to bottom at its cost.
        let exact = panel.series.flatMap(\.points).filter { $0.error == 0 }.enumerated().map { mark, point in
            "set arrow \(mark + 1) from \(point.cost), graph 0 to \(point.cost), graph 1 nohead \(Self.reference)"
        }
        let plots =
            ["\(panel.scale) \(FigureStyle.line(.muted, width: 1, dashed: true))"]
            + panel.series.enumerated().filter { $0.element.points.contains { $0.error > 0 } }.map { number, series in
                "$\(table(index, number)) using 1:2 \(style(of: series.name))"
            }
        return """
            set lmargin at screen \(start / width)
            set rmargin at screen \((start + panelWidth) / width)
            set title \(GnuplotText.quoted(panel.title)) offset 0,-0.6
            \(index == 0 ? "set ylabel 'root mean square error  (hopping)'" : "unset ylabel\nset format y ''")
            \(exact.joined(separator: "\n"))
            plot \(plots.joined(separator: ", \\\n    "))
            unset arrow
            """
    }

    /// A plot of nothing but the key.
    private var key: String {
        let exact = Set(map.panels.flatMap(\.series).filter { $0.points.allSatisfy { $0.error == 0 } }.map(\.name))
        let entries = names.map { name in
            "NaN \(exact.contains(name) ? "with lines \(Self.reference)" : style(of: name)) title \(GnuplotText.quoted(name))"
        }
        return """
            set lmargin at screen 0
            set rmargin at screen 1
            set tmargin at screen 0.99
            set bmargin at screen 0.83
            unset border
            unset tics
            unset title
            unset xlabel
            unset ylabel
            unset logscale
            set xrange [0:1]
            set yrange [0:1]
            set key center center horizontal maxcols 3 samplen 1.8 spacing 1.1 font ',12'
            plot \(entries.joined(separator: ", \\\n    ")), \
                NaN \(FigureStyle.line(.muted, width: 1, dashed: true)) title 'no force at all'
            """
    }

    private func table(_ panel: Int, _ series: Int) -> String { "panel\(panel)series\(series)" }

    private static let reference = "dashtype 3 linewidth 1.5 linecolor rgb '\(FigureColor.ink)'"

    /// Markers and colours that the names of a map share out among themselves.
    private func style(of name: String) -> String {
        let colors = [FigureColor.ink, .ink, .muted, .sky, .blue, .green, .learned]
        let shapes = [7, 5, 6, 4, 7, 9, 13]
        let index = names.firstIndex(of: name)!
        return "with linespoints linewidth 1.5 pointsize 0.7 pointtype \(shapes[index % shapes.count]) "
            + "linecolor rgb '\(colors[index % colors.count])'"
    }
}
