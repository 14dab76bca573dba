import Runs
import Storage

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
    let height: Double
    /// Names of the series of all panels, in the order of their first appearance.
    let names: [String]

    private let panelWidth = 320.0
    private let left = 78.0
    private let gap = 22.0
    private let columns: Int
    private let keyLine = 19.0
    private let plotHeight = 400.0

    init(_ map: AccuracyMap) {
        self.map = map
        names = map.panels.flatMap(\.series).map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        width = left + Double(map.panels.count) * (panelWidth + gap)
        columns = max(1, Int(width / 240))
        // The names and "no force at all".
        height = plotHeight + keyLine * Double((names.count + columns) / columns) + 40
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
            set tmargin at screen \((plotHeight - 8) / height)
            set bmargin at screen \(60 / height)
            set logscale xy
            set format xy '10^{%L}'
            set xrange [\(costs.min()! / 2):\(costs.max()! * 2)]
            set yrange [\(errors.min()! / 3):\(errors.max()! * 3)]
            set xlabel '\(map.cost.rawValue)'
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
            "\(exact.contains(name) ? "with lines \(Self.reference)" : style(of: name)) title \(GnuplotText.quoted(name))"
        }
        let none = FigureStyle.line(.muted, width: 1, dashed: true) + " title 'no force at all'"
        return "set key samplen 1.8 spacing 1.1 font ',12'\n"
            + FigureStyle.key(entries + [none], columns: columns, from: ((plotHeight + 24) / height, 0.99))
    }

    private func table(_ panel: Int, _ series: Int) -> String { "panel\(panel)series\(series)" }

    private static let reference = "dashtype 3 linewidth 1.5 linecolor rgb '\(FigureColor.ink)'"

    /// Markers and colours that the names of a map share out among themselves: thin lines with small marks for solvers, thick
    /// ones with large marks for learned models.
    private func style(of name: String) -> String {
        let learned = Set(map.panels.flatMap(\.series).filter(\.isLearned).map(\.name))
        let isLearned = learned.contains(name)
        let index = names.filter { learned.contains($0) == isLearned }.firstIndex(of: name)!
        let colors = isLearned ? FigureColor.learnedFamilies : [.ink, .ink, .muted, .sky, .blue, .green]
        let shapes = isLearned ? [7, 5, 9, 11, 13] : [7, 5, 6, 4, 8, 10, 12]
        return "with linespoints linewidth \(isLearned ? 2 : 1.2) pointsize \(isLearned ? 1.1 : 0.6) "
            + "pointtype \(shapes[index % shapes.count]) linecolor rgb '\(colors[index % colors.count])'"
    }
}

/// Error against cost of several ways to find the forces, both logarithmic: the map learned models are placed on. The cost may
/// also be that of learning.
package struct AccuracyMap {
    /// One way to find the forces.
    package struct Point {
        /// In the unit of the map's ``AccuracyMap/Cost``.
        let cost: Double
        /// Root mean square error of the force, in units of the hopping; 0 for the reference, which has none.
        let error: Double

        /// A point of the map.
        package init(cost: Double, error: Double) {
            self.cost = cost
            self.error = error
        }
    }

    /// Ways of one kind, joined by a line.
    package struct Series {
        let name: String
        /// Whether it is drawn as a learned model is.
        let isLearned: Bool
        let points: [Point]

        /// A line of the map.
        package init(name: String, isLearned: Bool = false, points: [Point]) {
            self.name = name
            self.isLearned = isLearned
            self.points = points
        }
    }

    /// The map of one model.
    package struct Panel {
        let title: String
        /// The root mean square force: the error of predicting none.
        let scale: Double
        let series: [Series]

        /// A map of its own beside the others; series of one name look alike in all of them.
        package init(title: String, scale: Double, series: [Series]) {
            self.title = title
            self.scale = scale
            self.series = series
        }
    }

    /// What is counted as the cost.
    package enum Cost: String {
        /// The time of a force.
        case seconds = "cost of a force  (seconds a site)"
        /// The data that a model has learned from.
        case trainingSites = "sites in the training data"
    }

    let panels: [Panel]
    let cost: Cost

    /// - Parameter panels: side by side, at least one.
    package init(panels: [Panel], cost: Cost = .seconds) {
        precondition(!panels.isEmpty, "a panel")
        self.panels = panels
        self.cost = cost
    }

    /// Draws the map into an SVG or, if the name ends in `.png`, into a PNG.
    ///
    /// - Throws: ``StageError`` if gnuplot is missing or fails, `StorageError` if the file cannot be written.
    package func draw(to path: String) throws {
        let drawn = try Gnuplot().draw(Figure.accuracyMap(self))
        try AtomicFile.write(path.hasSuffix(".png") ? drawn.png : drawn.svg, to: path)
    }
}
