import Foundation

extension Figure {
    /// S(q) over the Brillouin zone, and the surroundings of its centre in close-up.
    static func structureFactorMap(_ analysis: Analysis, labels: OrderLabels) -> Figure? {
        let values = analysis.finalStructureFactor
        guard analysis.size.count == 2, analysis.size.reduce(1, *) == values.count, let time = analysis.frames.last?.time else {
            return nil
        }
        // S(0) is zero by definition, up to rounding: it would stretch the scale to nothing.
        let positive = values.dropFirst().filter { $0 > 0 && $0.isFinite }.sorted()
        guard let highest = positive.last else { return nil }
        let lowest = min(max(positive[positive.count / 200], highest * 1e-8), highest / 10)
        var map = PixelMap(
            "zone", columns: analysis.size[0], rows: analysis.size[1],
            values: values.map { $0.isFinite ? max($0, lowest) : lowest })
        map.steps = analysis.size.map { 2 / Double($0) }
        let zone = map.reduced()
        // Two wave vectors to either side at least, however small the lattice.
        let centre = map.closeUp("centre", around: 1, within: max(0.25, 2 * map.steps.max()!)).reduced()
        let square = PixelMap("square", columns: 1, rows: 1, values: [0])
        let grid = PanelGrid(columns: 2, rows: 1, map: square) { $0.horizontalGap = 70 }
        return Figure(
            name: "structure-factor-map", heading: "Structure factor",
            caption:
                "Structure factor of the displacement at the last frame (t = \(NumberText.plain(time))) with "
                + "\(labels.zoneCentre) in the centre: the whole Brillouin zone, and its middle in close-up.",
            width: Int(grid.width.rounded()), height: Int(grid.height.rounded()), embedding: .raster,
            contents: [.map(zone), .map(centre)],
            commands: """
                set multiplot
                set border 15
                unset grid
                set tics scale 0
                \(FigureStyle.sequential)
                set logscale cb
                set format cb '10^{%L}'
                set cbrange [\(lowest):\(highest)]
                set cblabel '{/:Italic S}({/:Bold q})'
                set xlabel '\(labels.zoneAxes[0])'
                set ylabel '\(labels.zoneAxes[1])'
                set title 'Brillouin zone' offset 0,-0.6
                \(grid.margins(0))
                \(zone.ranges)
                set xtics 0.5
                set ytics 0.5
                unset colorbox
                plot \(zone.plot)
                set title 'close-up' offset 0,-0.6
                \(grid.margins(1))
                \(centre.ranges)
                set xtics 0.1
                set ytics 0.1
                unset ylabel
                \(grid.verticalColorBox)
                plot \(centre.plot)
                unset multiplot
                """)
    }

    /// C(r)/C(0) at several times.
    static func correlation(_ analysis: Analysis, labels: OrderLabels) -> Figure? {
        timeSeries(
            analysis, name: "correlation", heading: "Correlation function",
            caption:
                "The \(labels.correlation) of the displacement, averaged over directions, at several times after the quench.",
            abscissa: analysis.radii, values: \.correlation,
            axes: """
                set xrange [0:]
                set yrange [:1]
                \(FigureStyle.zeroLine)
                set xlabel '\(FigureStyle.distance)'
                set ylabel '\(FigureStyle.correlation)'
                """)
    }

    /// S(|q − Q₀|) at several times.
    static func radialStructureFactor(_ analysis: Analysis, labels: OrderLabels) -> Figure? {
        timeSeries(
            analysis, name: "radial-structure-factor", heading: "Structure factor around the ordering wave vector",
            caption: "Structure factor of the displacement averaged over shells around \(labels.centre), at several times after "
                + "the quench: as domains grow, their peak grows and narrows.",
            abscissa: analysis.waveNumbers, values: \.structureFactor,
            axes: """
                set xrange [0:]
                set logscale y
                set format y '10^{%L}'
                set xlabel '\(labels.waveNumber)'
                set ylabel '\(labels.structureFactor)'
                """)
    }

    /// A function of one variable at several times, light to dark.
    private static func timeSeries(
        _ analysis: Analysis, name: String, heading: String, caption: String, abscissa: [Double],
        values: KeyPath<Analysis.Frame, [Double]>, axes: String
    ) -> Figure? {
        let frames = spread(count: 5, over: analysis.frames.count).map { analysis.frames[$0] }
        guard abscissa.count > 1, frames.contains(where: { $0[keyPath: values].contains { $0 > 0 } }) else { return nil }
        let plots = zip(frames, FigureColor.sequence(frames.count)).enumerated().map { index, curve in
            "$curves using 1:\(index + 2) \(FigureStyle.line(curve.1, width: 2)) "
                + "title '{/:Italic t} = \(NumberText.plain(curve.0.time))'"
        }
        return Figure(
            name: name, heading: heading, caption: caption,
            contents: [.table("curves", columns: [abscissa] + frames.map { $0[keyPath: values] })],
            commands: """
                \(axes)
                set key top right
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }
}
