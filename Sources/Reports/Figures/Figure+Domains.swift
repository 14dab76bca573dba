import Experiments
import Foundation
import Recipes

extension Figure {
    /// Snapshots of the domains of a large run; of a chain its displacement over space and time.
    ///
    /// - Parameter run: which run, in words before "the … lattice".
    static func domains(_ frames: [ReportInputs.Frame], name: String = "domains", of run: String = "") throws -> Figure {
        guard let last = frames.last else { throw FigureOmission("the trajectory holds no frame") }
        let supercell = last.displacement.supercell
        let sites = SitePicture(supercell, kind: last.displacement.kind)
        let meaning = sites.isStaggered ? "; where it is ordered, the two colours are the two charge-density waves" : ""
        let isChain = sites.raster == nil
        let maps =
            try sites.raster.map { raster in
                frames.enumerated().map { raster.map("frame\($0)", sites.staggered($1.displacement)) }
            } ?? [sites.spaceTime("chain", frames)]
        let map = maps[maps.count - 1]
        let columns = maps.count == 1 ? 1 : 2
        let grid = PanelGrid(
            columns: columns, rows: (maps.count + columns - 1) / columns, width: columns == 1 && !isChain ? 460 : 700,
            aspect: isChain ? 0.75 : map.raster.aspect)
        let range = SitePicture.range(of: isChain ? sites.staggered(last.displacement) : map.values)
        let panels = maps.enumerated().map { index, map in
            """
            \(grid.margins(index))
            \(isChain ? "" : "set title '{/:Italic t} = \(NumberText.plain(frames[index].time))' offset 0,-0.6")
            \(index == maps.count - 1 ? grid.verticalColorBox : "unset colorbox")
            \(index % columns == 0
                ? "set format y '%g'\nset ylabel '\(isChain ? FigureStyle.time : "{/:Italic y}")'" : "set format y ''\nunset ylabel")
            \(index + columns >= maps.count ? "set format x '%g'\nset xlabel '{/:Italic x}'" : "set format x ''\nunset xlabel")
            plot \(map.plot)
            """
        }
        let times =
            isChain
            ? "over space and time"
            : "at \(maps.count == 1 ? "t = " + NumberText.plain(last.time) : "\(maps.count) times t") after the start (in units of τ)"
        let lattice = isChain ? "chain of \(supercell.siteCount) sites" : "\(sizeText(supercell.size)) lattice"
        return Figure(
            name: name, heading: sites.isStaggered ? "Domains" : sites.showsLength ? "Site variable" : "Displacement",
            caption:
                "\(sites.words) of \(run)the \(lattice)\(sites.slice) \(times)\(meaning)."
                + SitePicture.averaging(map),
            width: grid.size.width, height: grid.size.height, embedding: .raster,
            contents: maps.map { .map($0) },
            commands: """
                set multiplot
                \(FigureStyle.picture)
                \(map.ranges)
                \(sites.colors(range))
                set cblabel '\(sites.label)' offset 1,0
                \(panels.joined(separator: "\n"))
                unset multiplot
                """)
    }

    /// L(t) on logarithmic axes.
    static func domainLength(_ analysis: Analysis) throws -> Figure {
        let times = analysis.times
        let moment = analysis.values("domain_length") ?? times.map { _ in .nan }
        let halfHeight = analysis.values("correlation_length") ?? times.map { _ in .nan }
        let positive = zip(times, zip(moment, halfHeight)).filter { $0 > 0 && ($1.0 > 0 || $1.1 > 0) }
        guard let last = positive.last, positive.count > 1 else {
            throw FigureOmission("the domains have a length at fewer than two times")
        }
        let axes = (
            x: try LogarithmicAxis(positive.map(\.0), quantity: "the time", below: 1, above: 1.1),
            y: try LogarithmicAxis(
                positive.flatMap { [$0.1.0, $0.1.1] }, quantity: "the domain length", below: 1 / 1.25, above: 1.5)
        )
        var plots = [
            "$lengths using 1:2 \(FigureStyle.line(.sky, width: 3)) title 'first moment of {/:Italic S}({/:Bold q})'",
            "$lengths using 1:3 \(FigureStyle.line(.green, width: 3)) title 'half height of {/:Italic C}({/:Italic r})'",
        ]
        // The walls of a chain are points without curvature.
        let hasCurvature = analysis.size.count > 1
        if hasCurvature {
            let reference = last.1.0 > 0 ? last.1.0 : last.1.1
            plots.append(
                "[\(last.0 / 8):\(last.0)] \(reference * 1.35)*(x/\(last.0))**0.5 "
                    + "\(FigureStyle.line(.muted, width: 1)) title '{/:Italic t}^{1/2}'")
        }
        return Figure(
            name: "domain-length", heading: "Length of the domains",
            caption:
                "Characteristic length of the domains in this one run, from the first moment of S(q) and from the half height of "
                + "C(r), between two lattice constants and a quarter of the side"
                + (hasCurvature ? "; the thin line has the slope √t of curvature-driven growth, for comparison." : "."),
            contents: [.table("lengths", columns: [times, moment, halfHeight].map { $0.map { $0 > 0 ? $0 : .nan } })],
            commands: """
                \(axes.x.commands("x"))
                \(axes.y.commands("y"))
                set key maxcols 2
                set xlabel '\(FigureStyle.time)'
                set ylabel '\(FigureStyle.domainLength)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }
}
