import Experiments
import Foundation
import Lattices

extension Figure {
    /// S(q) over the Brillouin zone in Cartesian coordinates, and the surroundings of its centre in close-up; of a chain a curve.
    static func structureFactorMap(_ analysis: Analysis, labels: OrderLabels) throws -> Figure {
        let values = analysis.finalStructureFactor ?? []
        guard let time = analysis.frames?.last?.time, let supercell = labels.supercell, values.count == supercell.siteCount,
            supercell.lattice.basis.count == 1
        else { throw FigureOmission("the analysis holds no structure factor over the Brillouin zone") }
        // S(0) is zero by definition, up to rounding: it would stretch the scale to nothing.
        let positive = values.dropFirst().filter { $0 > 0 && $0.isFinite }.sorted()
        guard let highest = positive.last else { throw FigureOmission("the structure factor is nowhere above 0") }
        let lowest = min(max(positive[positive.count / 200], highest * 1e-8), highest / 10)
        let shown = values.map { $0.isFinite ? max($0, lowest) : lowest }
        let scale = try LogarithmicAxis([lowest, highest], quantity: "the structure factor", below: 1, above: 1)
        let caption =
            "Structure factor of the displacement at the last frame (t = \(NumberText.plain(time))) with \(labels.zoneCentre) in the "
            + "centre"
        guard supercell.size.count > 1 else {
            return structureFactorCurve(
                values, supercell, centre: labels.ordering[0], caption: caption + ".",
                axis: try LogarithmicAxis(Array(positive), quantity: "the structure factor"))
        }
        let plane = PlaneLattice(reciprocal: supercell, centre: labels.ordering)
        let centre = plane.basis[0] + plane.position(SIMD2(Double(labels.ordering[0]), Double(labels.ordering[1])))
        let corners = PlaneLattice.voronoiCell(zip(plane.vectors, plane.size).map { $0 * Double($1) })
        let reach = corners.reduce(SIMD2.zero) { pointwiseMax($0, $1) }
        let zone = SiteRaster(plane, from: centre - 1.04 * reach, to: centre + 1.04 * reach).map("zone", shown).inUnitsOfPi
        // Two wave vectors to either side at least, however small the lattice.
        let near = max(reach.max() / 4, 2 * plane.vectors.map { ($0 * $0).sum().squareRoot() }.max()!)
        let closeUp =
            near < 0.8 * reach.min()
            ? SiteRaster(plane, from: centre - near, to: centre + near).map("centre", shown).inUnitsOfPi : nil
        let grid = PanelGrid(
            columns: closeUp == nil ? 1 : 2, rows: 1, width: closeUp == nil ? 460 : 700, aspect: zone.raster.aspect
        ) {
            $0.left = 82
            $0.horizontalGap = 70
        }
        let outline = (corners + corners.prefix(1)).map { ($0 + centre) / .pi }
        let isSpace = supercell.size.count > 2
        let secondPanel = closeUp.map { map in
            """
            set title 'close-up' offset 0,-0.6
            \(grid.margins(1))
            \(map.ranges)
            unset ylabel
            \(grid.verticalColorBox)
            plot \(map.plot)
            """
        }
        return Figure(
            name: "structure-factor-map", heading: "Structure factor",
            caption: caption
                + (isSpace
                    ? ", in the plane of the first two reciprocal vectors through it" : ": the whole Brillouin zone (outlined)")
                + (closeUp == nil ? "." : ", and its middle in close-up."),
            width: grid.size.width, height: grid.size.height, embedding: .raster,
            contents: [.map(zone), .table("outline", columns: [outline.map(\.x), outline.map(\.y)])]
                + (closeUp.map { [.map($0)] } ?? []),
            commands: """
                set multiplot
                \(FigureStyle.picture)
                \(FigureStyle.sequential)
                \(scale.commands("cb"))
                set cblabel '{/:Italic S}({/:Bold q})'
                set xlabel '{/:Italic q_x} / π'
                set ylabel '{/:Italic q_y} / π'
                set title '\(isSpace ? "one period" : "Brillouin zone")' offset 0,-0.6
                \(grid.margins(0))
                \(zone.ranges)
                \(closeUp == nil ? grid.verticalColorBox : "unset colorbox")
                plot \(zone.plot)\(isSpace ? "" : ", $outline using 1:2 with lines linewidth 1 linecolor rgb '#ffffff'")
                \(secondPanel ?? "")
                unset multiplot
                """)
    }

    /// S(q) of a chain, over one period around `centre`.
    private static func structureFactorCurve(
        _ values: [Double], _ supercell: Supercell, centre: Int, caption: String, axis: LogarithmicAxis
    ) -> Figure {
        let side = supercell.size[0]
        let step = 2 / (Double(side) * abs(supercell.lattice.primitiveVectors[0][0]))
        let places = (centre - side / 2)...(centre + side / 2)
        let shown = axis.shown(places.map { values[(($0 % side) + side) % side] })
        return Figure(
            name: "structure-factor-map", heading: "Structure factor", caption: caption,
            contents: [.table("structure", columns: [places.map { Double($0) * step }, shown])],
            commands: """
                \(axis.commands("y"))
                set autoscale xfix
                set xlabel '{/:Italic q} / π'
                set ylabel '{/:Italic S}({/:Italic q})'
                plot $structure using 1:2 \(FigureStyle.line(.blue, width: 1.5))
                """)
    }

    /// C(r)/C(0) at several times.
    static func correlation(_ analysis: Analysis, labels: OrderLabels) throws -> Figure {
        try timeSeries(
            analysis, name: "correlation", heading: "Correlation function",
            caption:
                "The \(labels.correlation) of the displacement, averaged over directions, at several times after the start.",
            abscissa: analysis.radii ?? [], values: \.correlation,
            axes: """
                set xrange [0:]
                set yrange [:1]
                \(FigureStyle.zeroLine)
                set xlabel '\(FigureStyle.distance)'
                set ylabel '\(FigureStyle.correlation)'
                """)
    }

    /// S(|q − Q₀|) at several times.
    static func radialStructureFactor(_ analysis: Analysis, labels: OrderLabels) throws -> Figure {
        try timeSeries(
            analysis, name: "radial-structure-factor",
            heading: labels.isStaggered ? "Structure factor around the ordering wave vector" : "Structure factor over directions",
            caption: "Structure factor of the displacement averaged over shells around \(labels.centre), at several times after "
                + "the start.",
            abscissa: analysis.waveNumbers ?? [], values: \.structureFactor,
            isLogarithmic: true,
            axes: """
                set xrange [0:]
                set xlabel '\(labels.waveNumber)'
                set ylabel '\(labels.structureFactor)'
                """)
    }

    /// A function of one variable at several times, light to dark.
    private static func timeSeries(
        _ analysis: Analysis, name: String, heading: String, caption: String, abscissa: [Double],
        values: KeyPath<Analysis.Frame, [Double]>, isLogarithmic: Bool = false, axes: String
    ) throws -> Figure {
        let all = analysis.frames ?? []
        let frames = spread(count: 5, over: all.count).map { all[$0] }
        let curves = frames.map { $0[keyPath: values] }
        guard abscissa.count > 1, curves.contains(where: { $0.contains { $0 > 0 } }) else {
            throw FigureOmission("the analysis holds no \(heading.lowercased()) above 0")
        }
        let axis = isLogarithmic ? try LogarithmicAxis(curves.flatMap(\.self), quantity: "the structure factor") : nil
        let plots = zip(frames, FigureColor.sequence(frames.count)).enumerated().map { index, curve in
            "$curves using 1:\(index + 2) \(FigureStyle.line(curve.1, width: 2)) "
                + "title '{/:Italic t} = \(NumberText.plain(curve.0.time))'"
        }
        return Figure(
            name: name, heading: heading, caption: caption,
            contents: [.table("curves", columns: [abscissa] + curves.map { axis?.shown($0) ?? $0 })],
            commands: """
                \(axes)
                \(axis?.commands("y") ?? "")
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }
}
