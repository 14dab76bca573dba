import Experiments
import Foundation
import Recipes

extension Figure {
    /// Errors of every frame.
    package static func auditTime(_ picture: AuditPicture) throws -> Figure {
        let report = picture.report
        return try errorOverTime(
            report.frames.map(\.errors), name: "audit-time", heading: "Error over time",
            caption: "Error of the electronic force in \(report.frames.count) frames of the trajectory on the "
                + "\(sizeText(report.size)) lattice against \(SolverName.words(of: report.solver)), on \(sitesWords(report)).",
            threshold: 0)
    }

    /// Errors found while the large run was going on.
    static func simulationAudit(_ lines: [AuditLine], threshold: Double) throws -> Figure {
        try errorOverTime(
            lines, name: "audit-simulation", heading: "Error during the run",
            caption: "Error of the electronic force in the large run, audited \(lines.count) times on "
                + "\(NumberText.count(lines.first?.sites ?? 0)) sites while it was going on.",
            threshold: threshold)
    }

    private static func errorOverTime(
        _ lines: [AuditLine], name: String, heading: String, caption: String, threshold: Double
    ) throws -> Figure {
        let series: [(title: String, values: [Double], style: String)] = [
            ("predicting zero", lines.map(\.trivial), "pointtype 5 linecolor rgb '\(FigureColor.muted)'"),
            ("largest", lines.map(\.maximum), "pointtype 8 linecolor rgb '\(FigureColor.orange)'"),
            ("99 % of the sites below", lines.map { $0.percentile(99) }, "pointtype 6 linecolor rgb '\(FigureColor.sky)'"),
            ("root mean square", lines.map(\.rootMeanSquare), "pointtype 7 linecolor rgb '\(FigureColor.blue)'"),
            ("median", lines.map { $0.percentile(50) }, "pointtype 4 linecolor rgb '\(FigureColor.green)'"),
        ]
        var plots = series.enumerated().filter { $0.element.values.contains { $0 > 0 } }.map { index, series in
            "$errors using 1:\(index + 2) with linespoints pointsize 0.8 linewidth 1.5 \(series.style) title '\(series.title)'"
        }
        let axis = try LogarithmicAxis(
            series.flatMap(\.values) + (threshold > 0 ? [threshold] : []), quantity: "the error of every frame")
        guard series.dropFirst().contains(where: { $0.values.contains { $0 > 0 } }) else {
            throw FigureOmission("the error of every frame is 0")
        }
        if threshold > 0 { plots.append("\(threshold) \(FigureStyle.line(.ink, width: 1.5, dashed: true)) title 'threshold'") }
        return Figure(
            name: name, heading: heading, caption: caption,
            contents: [.table("errors", columns: [lines.map(\.time)] + series.map { axis.shown($0.values) })],
            commands: """
                \(axis.commands("y"))
                \(lines.count > 1 ? "set xrange [0:]" : "")
                set key maxcols 3
                set xlabel '\(FigureStyle.time)'
                set ylabel 'error of the force  (hopping)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    /// Where the force is off in one frame, beside the domains.
    package static func auditMap(_ picture: AuditPicture) throws -> Figure {
        guard let frame = picture.frame else { throw FigureOmission("audit.h5 is not there") }
        let sites = SitePicture(frame.displacement.supercell, kind: frame.displacement.kind)
        let components = frame.forces.components
        let errors =
            components == 1 ? frame.forces.errors.map(abs) : SitePicture.lengths(frame.forces.errors, components: components)
        let sorted = errors.filter { $0 > 0 && $0.isFinite }.sorted()
        guard let largest = sorted.last else { throw FigureOmission("the force of the last frame has no error") }
        // What one site in a hundred is below is as good as nothing.
        let smallest = min(max(sorted[sorted.count / 100], largest * 1e-6), largest / 2)
        let isWhole = errors.count == frame.displacement.supercell.siteCount
        let omission = isWhole ? "" : "; only sampled sites are known"
        let time = "{/:Italic t} = \(NumberText.plain(frame.time))"
        func caption(_ map: PixelMap?) -> String {
            "\(sites.words)\(sites.slice) at t = \(NumberText.plain(frame.time)), and how far the electronic force is off there, on "
                + "a logarithmic scale\(omission).\(map.map(SitePicture.averaging) ?? "")"
        }
        let (kept, positions) = sites.positions(of: frame.forces.sites)
        let shown = errors.map { max($0, smallest) }
        guard let raster = sites.raster else {
            // A chain: curves one above the other.
            let all = sites.positions(of: Array(0..<frame.displacement.supercell.siteCount)).positions.map(\.x)
            return profiles(
                name: "audit-map", heading: "Error in space", caption: caption(nil), title: time,
                contents: [
                    .table("displacement", columns: [all, sites.staggered(frame.displacement)]),
                    .table("errors", columns: [positions.map(\.x), kept.map { shown[$0] }]),
                ],
                panels: [
                    (sites.label, "", "$displacement using 1:2 \(FigureStyle.line(.blue, width: 1.5))"),
                    (
                        "|Δ{/:Italic F}|  (hopping)", try LogarithmicAxis(shown, quantity: "the error").commands("y"),
                        "$errors using 1:2 with points pointtype 7 pointsize 0.4 linecolor rgb '\(FigureColor.orange)'"
                    ),
                ])
        }
        let displacement = raster.map("displacement", sites.staggered(frame.displacement))
        let grid = PanelGrid(columns: 2, rows: 1, aspect: raster.aspect) {
            $0.left = 50
            $0.right = 25
            $0.bottom = 130
            $0.horizontalGap = 40
        }
        let range = SitePicture.range(of: displacement.values)
        var contents = [Content.map(displacement)]
        let plot: String
        if isWhole {
            // The whole frame is in the order of the sites.
            let map = raster.map("error", shown)
            contents.append(.map(map))
            plot = map.plot
        } else {
            guard !kept.isEmpty else { throw FigureOmission("no sampled site lies in the plane that a picture shows") }
            contents.append(.table("sites", columns: [positions.map(\.x), positions.map(\.y), kept.map { shown[$0] }]))
            plot = "$sites using 1:2:3 with points pointtype 5 pointsize 0.8 linecolor palette"
        }
        return Figure(
            name: "audit-map", heading: "Error in space", caption: caption(displacement),
            width: grid.size.width, height: grid.size.height, embedding: .raster, contents: contents,
            commands: """
                set multiplot
                \(FigureStyle.picture)
                \(displacement.ranges)
                \(sites.colors(range))
                set cblabel '\(sites.label)'
                set title '\(time)' offset 0,-0.6
                \(grid.margins(0))
                \(grid.horizontalColorBox(below: 0, to: 0))
                plot \(displacement.plot)
                set title 'error of the force' offset 0,-0.6
                set format y ''
                \(FigureStyle.sequential)
                \(try LogarithmicAxis(shown, quantity: "the error", below: 1, above: 1).commands("cb"))
                set cblabel '|Δ{/:Italic F}|  (hopping)'
                \(grid.margins(1))
                \(grid.horizontalColorBox(below: 1, to: 1))
                plot \(plot)
                unset multiplot
                """)
    }

    /// What a chain holds at one time, as curves over the same places one above the other.
    ///
    /// - Parameter panels: label of the vertical axis, commands, and what stands after `plot`, from the top.
    static func profiles(
        name: String, heading: String, caption: String, title: String, contents: [Content],
        panels: [(label: String, commands: String, plot: String)], key: [String] = []
    ) -> Figure {
        let grid = PanelGrid(columns: 1, rows: panels.count, aspect: 0.3) {
            $0.left = 96
            $0.right = 20
            $0.verticalGap = 18
            if !key.isEmpty { $0.reserveKey(entries: key.count) }
        }
        let plots = panels.enumerated().map { index, panel in
            let isLast = index == panels.count - 1
            return """
                \(grid.margins(index))
                \(isLast ? "set format x '%g'\nset xlabel '{/:Italic x}  (lattice constants)'" : "set format x ''")
                \(index == 0 && key.isEmpty ? "set title '\(title)' offset 0,-0.6" : "unset title")
                set ylabel '\(panel.label)'
                \(panel.commands)
                plot \(panel.plot)
                unset logscale
                set ytics autofreq
                set format y '%g'
                set autoscale y
                """
        }
        return Figure(
            name: name, heading: heading, caption: caption, width: grid.size.width, height: grid.size.height, contents: contents,
            commands: """
                set multiplot
                set autoscale xfix
                \(FigureStyle.zeroLine)
                \(plots.joined(separator: "\n"))
                \(key.isEmpty ? "" : grid.key(key))
                unset multiplot
                """)
    }

    /// How many sites are off by more than an error.
    package static func auditTail(_ picture: AuditPicture) throws -> Figure {
        let report = picture.report
        let rows = zip(report.tail.errors, report.tail.fractions).filter { $0 > 0 && $1 > 0 }
        guard rows.count > 1 else { throw FigureOmission("the force has no error whose distribution could be shown") }
        let axes = (
            x: try LogarithmicAxis(rows.map(\.0), quantity: "the error", below: 1, above: 1),
            y: try LogarithmicAxis(rows.map(\.1), quantity: "the fraction", below: 0.5, above: 1.5)
        )
        return Figure(
            name: "audit-tail", heading: "Distribution of the errors",
            caption:
                "Fraction of the sites of all frames whose force is off by more than the error on the axis; the dashed line is "
                + "their root mean square error.",
            contents: [.table("tail", columns: [rows.map(\.0), rows.map(\.1)])],
            commands: """
                \(axes.x.commands("x"))
                \(axes.y.commands("y"))
                set xlabel 'error of the force |Δ{/:Italic F}|  (hopping)'
                set ylabel 'fraction of sites with a larger error'
                set arrow from \(report.overall.rootMeanSquare), graph 0 to \(report.overall.rootMeanSquare), graph 1 nohead \\
                    linewidth 1.5 dashtype 2 linecolor rgb '\(FigureColor.ink)'
                plot $tail using 1:2 \(FigureStyle.line(.blue, width: 2.5))
                """)
    }

    /// Errors by the distance from a domain wall.
    package static func auditWalls(_ picture: AuditPicture) throws -> Figure {
        let walls = picture.report.walls
        guard walls.count > 1 else { throw FigureOmission("there are no domain walls with sites at several distances") }
        let (high, middle) = (
            picture.report.percentileRanks.firstIndex(of: 99), picture.report.percentileRanks.firstIndex(of: 50)
        )
        func percentile(_ index: Int?) -> [Double] { walls.map { wall in index.map { wall.errors.percentiles[$0] } ?? .nan } }
        let series: [(title: String, values: [Double], style: String)] = [
            ("99 % of the sites below", percentile(high), "pointtype 6 linecolor rgb '\(FigureColor.sky)'"),
            ("root mean square", walls.map(\.errors.rootMeanSquare), "pointtype 7 linecolor rgb '\(FigureColor.blue)'"),
            ("median", percentile(middle), "pointtype 4 linecolor rgb '\(FigureColor.green)'"),
        ]
        let plots = series.enumerated().filter { $0.element.values.contains { $0 > 0 } }.map { index, series in
            "$walls using 1:\(index + 2) with linespoints pointsize 1 linewidth 1.5 \(series.style) title '\(series.title)'"
        }
        let axis = try LogarithmicAxis(series.flatMap(\.values), quantity: "the error at every distance")
        let labels = walls.map { wall in
            "'\(wall.distance < AuditReport.largestDistance ? "" : "≥ ")\(wall.distance)' \(wall.distance)"
        }
        return Figure(
            name: "audit-walls", heading: "Error by the distance from a domain wall",
            caption:
                "Error of the force on the sites of all frames that are so many bonds away from the nearest site with a neighbour "
                + "in the other domain.",
            height: 380,
            contents: [.table("walls", columns: [walls.map { Double($0.distance) }] + series.map { axis.shown($0.values) })],
            commands: """
                \(axis.commands("y"))
                set xrange [\(Double(walls[0].distance) - 0.4):\(Double(walls[walls.count - 1].distance) + 0.4)]
                set xtics (\(labels.joined(separator: ", ")))
                set xlabel 'bonds to the nearest domain wall'
                set ylabel 'error of the force  (hopping)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    private static func sitesWords(_ report: AuditReport) -> String {
        report.isWhole ? "all sites" : "\(NumberText.count(report.frames.first?.errors.sites ?? 0)) sampled sites of each"
    }
}
