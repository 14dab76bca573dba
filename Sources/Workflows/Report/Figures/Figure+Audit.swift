import Foundation

extension Figure {
    /// Every figure of an audit of a trajectory.
    static func audit(_ picture: AuditPicture) -> [Figure] {
        [auditTime(picture), auditMap(picture), auditTail(picture), auditWalls(picture)].compactMap(\.self)
    }

    /// Errors of every frame.
    static func auditTime(_ picture: AuditPicture) -> Figure? {
        let report = picture.report
        return errorOverTime(
            report.frames.map(\.errors), name: "audit-time", heading: "Error over time",
            caption: "Error of the electronic force in \(report.frames.count) frames of the trajectory of "
                + "\(sizeText(report.size)) sites against \(solverWords(report.solver)), on \(sitesWords(report)).",
            threshold: 0)
    }

    /// Errors found while the large run was going on.
    static func simulationAudit(_ lines: [AuditLine], threshold: Double) -> Figure? {
        errorOverTime(
            lines, name: "audit-simulation", heading: "Error during the run",
            caption: "Error of the electronic force in the large run, audited \(lines.count) times on "
                + "\(NumberText.count(lines.first?.sites ?? 0)) sites while it was going on.",
            threshold: threshold)
    }

    private static func errorOverTime(
        _ lines: [AuditLine], name: String, heading: String, caption: String, threshold: Double
    ) -> Figure? {
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
        guard series.dropFirst().contains(where: { $0.values.contains { $0 > 0 } }) else { return nil }
        if threshold > 0 { plots.append("\(threshold) \(FigureStyle.line(.ink, width: 1.5, dashed: true)) title 'threshold'") }
        return Figure(
            name: name, heading: heading, caption: caption,
            contents: [.table("errors", columns: [lines.map(\.time)] + series.map { $0.values.map { $0 > 0 ? $0 : .nan } })],
            commands: """
                set logscale y
                set format y '10^{%L}'
                \(lines.count > 1 ? "set xrange [0:]" : "")
                set key outside top center horizontal maxcols 3
                set xlabel '\(FigureStyle.time)'
                set ylabel 'error of the force  (hopping)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    /// Where the force is off in one frame, beside the domains.
    static func auditMap(_ picture: AuditPicture) -> Figure? {
        guard let frame = picture.frame, let displacement = DisplacementMap.map("displacement", of: frame.displacement) else {
            return nil
        }
        let supercell = frame.displacement.supercell
        let errors = frame.forces.errors.map(abs)
        let sorted = errors.filter { $0 > 0 && $0.isFinite }.sorted()
        guard let largest = sorted.last else { return nil }
        // What one site in a hundred is below is as good as nothing.
        let smallest = max(sorted[sorted.count / 100], largest * 1e-6)
        let isWhole = errors.count == supercell.siteCount
        let grid = PanelGrid(columns: 2, rows: 1, map: displacement) {
            $0.left = 40
            $0.right = 25
            $0.bottom = 108
            $0.horizontalGap = 40
        }
        let range = DisplacementMap.range(of: displacement.values)
        var contents = [Content.map(displacement)]
        let plot: String
        if isWhole {
            let values = errors.map { max($0, smallest) }
            let map = PixelMap("error", columns: supercell.size[0], rows: supercell.size[1], values: values).reduced()
            contents.append(.map(map))
            plot = map.plot
        } else {
            let cells = frame.forces.sites.map { supercell.cell(of: $0).map(Double.init) }
            contents.append(
                .table("sites", columns: [cells.map { $0[0] }, cells.map { $0[1] }, errors.map { max($0, smallest) }]))
            plot = "$sites using 1:2:3 with points pointtype 5 pointsize 0.8 linecolor palette"
        }
        let omission = isWhole ? "" : "; only sampled sites are known"
        let averaging =
            displacement.block > 1 ? " Every pixel is the mean over \(displacement.block) × \(displacement.block) sites." : ""
        return Figure(
            name: "audit-map", heading: "Error in space",
            caption:
                "\(DisplacementMap.words(supercell)) at t = \(NumberText.plain(frame.time)), and how far the electronic force is "
                + "off there, on a logarithmic scale\(omission).\(averaging)",
            width: Int(grid.width.rounded()), height: Int(grid.height.rounded()), embedding: .raster, contents: contents,
            commands: """
                set multiplot
                set border 15
                unset grid
                set tics scale 0
                \(displacement.ranges)
                \(FigureStyle.diverging)
                set cbrange [\(-range):\(range)]
                set cblabel '\(DisplacementMap.label(supercell))'
                set title '{/:Italic t} = \(NumberText.plain(frame.time))' offset 0,-0.6
                \(grid.margins(0))
                \(grid.horizontalColorBox(below: 0, to: 0))
                plot \(displacement.plot)
                set title 'error of the force' offset 0,-0.6
                set format y ''
                \(FigureStyle.sequential)
                set logscale cb
                set format cb '10^{%L}'
                set cbrange [\(smallest):\(largest)]
                set cblabel '|Δ{/:Italic F}|  (hopping)'
                \(grid.margins(1))
                \(grid.horizontalColorBox(below: 1, to: 1))
                plot \(plot)
                unset multiplot
                """)
    }

    /// How many sites are off by more than an error.
    static func auditTail(_ picture: AuditPicture) -> Figure? {
        let report = picture.report
        let fractions = report.tail.fractions.map { $0 > 0 ? $0 : .nan }
        guard let least = report.tail.fractions.filter({ $0 > 0 }).min(), report.tail.errors.count > 1 else { return nil }
        return Figure(
            name: "audit-tail", heading: "Distribution of the errors",
            caption:
                "Fraction of the sites of all frames whose force is off by more than an error; the dashed line is the root mean "
                + "square.",
            contents: [.table("tail", columns: [report.tail.errors, fractions])],
            commands: """
                set logscale xy
                set format '10^{%L}'
                set yrange [\(least / 2):1.5]
                set xlabel 'error of the force |Δ{/:Italic F}|  (hopping)'
                set ylabel 'fraction of sites with a larger error'
                set arrow from \(report.overall.rootMeanSquare), graph 0 to \(report.overall.rootMeanSquare), graph 1 nohead \\
                    linewidth 1.5 dashtype 2 linecolor rgb '\(FigureColor.ink)'
                plot $tail using 1:2 \(FigureStyle.line(.blue, width: 2.5))
                """)
    }

    /// Errors by the distance from a domain wall.
    static func auditWalls(_ picture: AuditPicture) -> Figure? {
        let walls = picture.report.walls
        guard walls.count > 1, walls.contains(where: { $0.errors.rootMeanSquare > 0 }) else { return nil }
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
        let labels = walls.map { wall in
            "'\(wall.distance < AuditReport.largestDistance ? "" : "≥ ")\(wall.distance)' \(wall.distance)"
        }
        return Figure(
            name: "audit-walls", heading: "Error by the distance from a domain wall",
            caption:
                "Error of the force on the sites of all frames that are so many bonds away from the nearest site with a neighbour "
                + "in the other domain.",
            height: 380,
            contents: [
                .table(
                    "walls", columns: [walls.map { Double($0.distance) }] + series.map { $0.values.map { $0 > 0 ? $0 : .nan } })
            ],
            commands: """
                set logscale y
                set format y '10^{%L}'
                set xrange [\(Double(walls[0].distance) - 0.4):\(Double(walls[walls.count - 1].distance) + 0.4)]
                set xtics (\(labels.joined(separator: ", ")))
                set key outside top center horizontal
                set xlabel 'bonds to the nearest domain wall'
                set ylabel 'error of the force  (hopping)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    private static func solverWords(_ name: String) -> String { name.replacing("-", with: " ") }

    private static func sitesWords(_ report: AuditReport) -> String {
        report.isWhole ? "all sites" : "\(NumberText.count(report.frames.first?.errors.sites ?? 0)) sampled sites of each"
    }
}
