import Experiments
import Foundation
import Recipes

extension Figure {
    /// C(r, t) as it is, and over r/L.
    static func coarseningCorrelation(_ coarsening: Coarsening, labels: OrderLabels) throws -> Figure {
        guard let ensemble = coarsening.ensembles.first, let farthest = ensemble.moments.compactMap(\.scale).max() else {
            throw FigureOmission(noLength)
        }
        let reach = min(5 * farthest, ensemble.radii.last ?? 0)
        return try scaling(
            ensemble, name: "coarsening-correlation", heading: "Dynamic scaling of the correlation function",
            caption:
                "The \(labels.correlation) of \(sizeText(ensemble.size)) sites, mean over \(ensemble.quenches) quenches with one "
                + "standard error (bands), over the distance r (left) and over r/L with its half height L (right). "
                + quality(ensemble, Coarsening.functions.correlation),
            curve: { moment, _ in (ensemble.radii, moment.correlation, moment.correlationErrors) },
            scaled: { moment, length in
                (ensemble.radii.map { $0 / length }, moment.correlation, moment.correlationErrors)
            },
            isLogarithmic: false,
            axes: [
                """
                set xrange [0:\(reach)]
                set yrange [-0.2:1]
                \(FigureStyle.zeroLine)
                set xlabel '\(FigureStyle.distance)'
                set ylabel '\(FigureStyle.correlation)'
                """,
                """
                set xrange [0:5]
                set xlabel '{/:Italic r} / {/:Italic L}'
                unset ylabel
                set format y ''
                """,
            ])
    }

    /// S(q, t) as it is, and scaled.
    static func coarseningStructureFactor(_ coarsening: Coarsening, labels: OrderLabels) throws -> Figure {
        guard let ensemble = coarsening.ensembles.first, let last = ensemble.moments.last(where: { $0.scale != nil }),
            let length = last.scale
        else { throw FigureOmission(noLength) }
        let dimension = ensemble.size.count
        let power = pow(length, Double(dimension))
        // A guide through the tail at qL = 5, half a decade above it.
        let tail = zip(ensemble.waveNumbers, last.structureFactor).min { abs($0.0 * length - 5) < abs($1.0 * length - 5) }
        let height = (tail?.1 ?? 1) / power * 3 * pow(5, Double(dimension + 1))
        return try scaling(
            ensemble, name: "coarsening-structure-factor", heading: "Dynamic scaling of the structure factor",
            caption:
                "Structure factor of \(sizeText(ensemble.size)) sites around \(labels.centre) divided by ⟨Q²⟩, mean over "
                + "\(ensemble.quenches) quenches with one standard error (bands), as it is (left), and in units of the half "
                + "height L of the correlation function (right). The dashed line has the slope of Porod's law for sharp walls. "
                + quality(ensemble, Coarsening.functions.structureFactor),
            curve: { moment, _ in (ensemble.waveNumbers, moment.structureFactor, moment.structureFactorErrors) },
            scaled: { moment, length in
                let unit = pow(length, Double(dimension))
                return (
                    ensemble.waveNumbers.map { $0 * length }, moment.structureFactor.map { $0 / unit },
                    moment.structureFactorErrors.map { $0 / unit }
                )
            },
            isLogarithmic: true,
            axes: [
                """
                set xlabel '\(labels.waveNumber)'
                set ylabel '{/:Italic S} / ⟨{/:Italic Q}^2⟩'
                """,
                """
                set xlabel '\(labels.waveVector) {/:Italic L}'
                set ylabel '{/:Italic S} / (⟨{/:Italic Q}^2⟩ {/:Italic L}^{\(dimension)})'
                """,
            ],
            guide: ("[3:20] \(height)*x**(\(-dimension - 1))", "∝ ({/:Italic qL})^{−\(dimension + 1)}"))
    }

    private static let noLength = "no correlation function falls to a half, so that there is no length to scale with"

    private static func quality(_ ensemble: Coarsening.Ensemble, _ function: String) -> String {
        guard let collapse = ensemble.collapse(function, .correlationLength), collapse.ratio.isFinite else { return "" }
        let unit = function == Coarsening.functions.correlation ? "" : " in the logarithm"
        return "Curves of different times differ by \(NumberText.text(collapse.spread))\(unit) (root mean square), "
            + "\(NumberText.plain(collapse.ratio.rounded(toDigits: 2))) times the standard error."
    }

    private typealias Curve = (x: [Double], y: [Double], error: [Double])

    /// Two panels: curves of all times as they are, and scaled by the length of each.
    ///
    /// - Parameter guide: a dashed line in the second panel, and its title.
    private static func scaling(
        _ ensemble: Coarsening.Ensemble, name: String, heading: String, caption: String,
        curve: @escaping (Coarsening.Moment, Double) -> Curve, scaled: @escaping (Coarsening.Moment, Double) -> Curve,
        isLogarithmic: Bool, axes: [String], guide: (function: String, title: String)? = nil
    ) throws -> Figure {
        let moments = ensemble.moments.filter { $0.scale != nil }
        guard moments.count > 1 else { throw FigureOmission(noLength) }
        let colors = FigureColor.sequence(moments.count)
        let titles = zip(moments, colors).map { moment, color in
            "\(FigureStyle.line(color, width: 2)) title '{/:Italic t} = \(NumberText.plain(moment.time))'"
        }
        let guideStyle = FigureStyle.line(.ink, width: 1.2, dashed: true)
        let entries = titles + (guide.map { ["\(guideStyle) title '\($0.title)'"] } ?? [])
        let grid = PanelGrid(columns: 2, rows: 1, width: 760, aspect: 1) {
            $0.left = 96
            $0.right = 25
            $0.horizontalGap = isLogarithmic ? 102 : 30
            $0.reserveKey(entries: entries.count, width: 760)
        }
        var contents: [Content] = []
        let panels = try [curve, scaled].enumerated().map { panel, shape -> String in
            let curves = moments.map { shape($0, $0.scale!) }
            var logarithmic = ""
            var shown: (Double, Double) -> Bool = { $1.isFinite }
            if isLogarithmic {
                let y = try LogarithmicAxis(curves.flatMap(\.y), quantity: "the structure factor")
                let x = try LogarithmicAxis(curves.flatMap(\.x), quantity: "the wave number", below: 0.8, above: 1.1)
                logarithmic = x.commands("x") + "\n" + y.commands("y")
                shown = { $0 > 0 && y.range.contains($1) }
            }
            var bands: [String] = []
            var lines: [String] = []
            for (index, curve) in curves.enumerated() {
                let (x, y, error) = curve
                let table = "panel\(panel)_\(index)"
                let kept = x.indices.filter { shown(x[$0], y[$0]) }
                func bounded(_ k: Int) -> Double {
                    let low = y[k] - (error[k].isFinite ? error[k] : 0)
                    return isLogarithmic ? max(low, y[k] * 1e-3) : low
                }
                contents.append(
                    .table(
                        table,
                        columns: [
                            kept.map { x[$0] }, kept.map { y[$0] }, kept.map(bounded),
                            kept.map { y[$0] + (error[$0].isFinite ? error[$0] : 0) },
                        ]))
                bands.append("$\(table) using 1:3:4 with filledcurves fillcolor rgb '\(colors[index].halfTransparent)' notitle")
                lines.append("$\(table) using 1:2 \(FigureStyle.line(colors[index], width: 2)) notitle")
            }
            if panel == 1, let guide { lines.append("\(guide.function) \(guideStyle) notitle") }
            return """
                \(grid.margins(panel))
                \(axes[panel])
                \(logarithmic)
                plot \((bands + lines).joined(separator: ", \\\n    "))
                """
        }
        return Figure(
            name: name, heading: heading, caption: caption, width: grid.size.width, height: grid.size.height, contents: contents,
            commands: """
                set multiplot
                \(panels.joined(separator: "\n"))
                \(grid.key(entries))
                unset multiplot
                """)
    }
}

extension Coarsening.Moment {
    /// L from the half height of C; nil where there is none.
    fileprivate var scale: Double? {
        lengths[Coarsening.LengthName.correlationLength.rawValue].flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }
}
