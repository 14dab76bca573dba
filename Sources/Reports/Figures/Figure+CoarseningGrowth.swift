import Experiments
import Foundation
import Recipes

extension Figure {
    /// L(t) of every lattice with error bands.
    static func coarseningLength(_ coarsening: Coarsening) throws -> Figure {
        func style(_ length: Coarsening.LengthName, _ color: FigureColor) -> String {
            FigureStyle.line(color, width: 2, dashed: length != .correlationLength)
        }
        var plots: [String] = []
        var contents: [Content] = []
        var present: [Double] = []
        for (index, ensemble) in coarsening.ensembles.enumerated() {
            let color = CoarseningStyle.color(index)
            plots.append("NaN \(FigureStyle.line(color, width: 2)) title '\(CoarseningStyle.title(ensemble))'")
            for (which, growth) in ensemble.growth.enumerated() {
                let name = "growth\(index)_\(which)"
                let columns = CoarseningStyle.band(ensemble.times, growth.values, growth.errors)
                guard !columns[0].isEmpty else { continue }
                contents.append(.table(name, columns: columns))
                present += columns[1]
                plots.append("$\(name) using 1:3:4 with filledcurves fillcolor rgb '\(color.halfTransparent)' notitle")
                plots.append("$\(name) using 1:2 \(style(growth.length, color)) notitle")
            }
        }
        guard let reference = coarsening.ensembles.first else { throw FigureOmission("there is no ensemble") }
        let axes = (
            x: try LogarithmicAxis(reference.times, quantity: "the time", below: 1, above: 1.1),
            y: try LogarithmicAxis(present, quantity: "the domain length", below: 1 / 1.2, above: 1.7)
        )
        plots += reference.growth.map { "NaN \(style($0.length, .ink)) title '\($0.length.markup)'" }
        let guide = "with lines \(CoarseningStyle.guide(.ink))"
        let guides = reference.growth.compactMap { growth -> String? in
            guard coarsening.allenCahnExponent.isFinite, let fit = growth.fit, fit.length.isFinite, let (low, high) = fit.bounds
            else { return nil }
            return "[\(low):\(high)] \(fit.length * 1.25)*(x/\(fit.time))**0.5 \(guide) notitle"
        }
        if !guides.isEmpty { plots += guides + ["NaN \(guide) title '∝ {/:Italic t}^{1/2}'"] }
        return Figure(
            name: "coarsening-length", heading: "Length of the domains in the ensemble",
            caption:
                "Length of the domains, mean over quenches with one standard error (bands): the radius at which the correlation "
                + "function falls to a half, and 2π divided by the first moment of the structure factor (dashed)."
                + (guides.isEmpty
                    ? ""
                    : " Dotted lines have the slope √t of curvature-driven growth, over the times of the fits, for comparison.")
                + " A length is given between two lattice constants and a quarter of the side.",
            contents: contents,
            commands: """
                \(axes.x.commands("x"))
                \(axes.y.commands("y"))
                set xlabel '\(FigureStyle.time)'
                set ylabel '\(FigureStyle.domainLength)'
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    /// The effective exponent over time.
    static func coarseningExponent(_ coarsening: Coarsening) throws -> Figure {
        guard let reference = coarsening.ensembles.first else { throw FigureOmission("there is no ensemble") }
        var contents: [Content] = []
        var plots: [String] = []
        var boxes: [String] = []
        func add(_ growth: Coarsening.Growth, _ color: FigureColor, point: Int, title: String) {
            guard !growth.exponents.isEmpty else { return }
            let name = "exponents\(contents.count)"
            // Sets that share their windows stand side by side.
            let shift = 1 + 0.025 * Double(contents.count)
            contents.append(
                .table(
                    name,
                    columns: [
                        growth.exponents.map { $0.time * shift }, growth.exponents.map(\.value), growth.exponents.map(\.error),
                    ]))
            plots.append(
                "$\(name) using 1:2:3 with yerrorbars pointtype \(point) pointsize 0.8 linewidth 1.5 linecolor rgb '\(color)' "
                    + "title '\(title)'")
        }
        for growth in reference.growth {
            let isPrimary = growth.length == .correlationLength
            let color = isPrimary ? CoarseningStyle.color(0) : FigureColor.muted
            add(growth, color, point: isPrimary ? 7 : 6, title: "\(CoarseningStyle.title(reference)), \(growth.length.markup)")
            guard let fit = growth.fit, let (low, high) = fit.bounds, fit.error.isFinite else { continue }
            boxes.append(
                "set object rectangle from \(low),\(fit.value - fit.error) to \(high),\(fit.value + fit.error) back "
                    + "fillcolor rgb '\(color.halfTransparent)' fillstyle solid border linecolor rgb '\(color)'")
        }
        for (index, ensemble) in coarsening.ensembles.enumerated().dropFirst() {
            guard let growth = ensemble.growth(.correlationLength) else { continue }
            add(
                growth, CoarseningStyle.color(index), point: 5,
                title: "\(CoarseningStyle.title(ensemble)), \(growth.length.markup)")
        }
        let shown = coarsening.ensembles.flatMap(\.growth).flatMap { $0.exponents + [$0.fit].compactMap(\.self) }
        let ends = shown.flatMap { [$0.value - $0.error, $0.value + $0.error] }.filter(\.isFinite)
        guard !plots.isEmpty else { throw FigureOmission("no window of time holds enough lengths for an exponent") }
        let axis = try LogarithmicAxis(reference.times, quantity: "the time", below: 1, above: 1.1)
        if coarsening.allenCahnExponent.isFinite {
            plots.append(
                "\(coarsening.allenCahnExponent) \(FigureStyle.line(.ink, width: 1.2, dashed: true)) title 'Allen–Cahn, ½'")
        }
        return Figure(
            name: "coarsening-exponent", heading: "Effective exponent of the growth",
            caption:
                "d ln L/d ln t in windows of equal width in ln t, with the jackknife's standard error over quenches; boxes: the "
                + "exponent in the window of the fit, with its error; where the length is between two lattice constants and a "
                + "quarter of the side.",
            contents: contents,
            commands: """
                \(axis.commands("x"))
                set yrange [\(min(0, ends.min() ?? 0)):\(max(1, ends.max() ?? 1))]
                set key maxcols 2
                set xlabel '\(FigureStyle.time)'
                set ylabel 'd ln {/:Italic L} / d ln {/:Italic t}'
                \(boxes.joined(separator: "\n"))
                plot \(plots.joined(separator: ", \\\n    "))
                """)
    }

    /// L of smaller lattices by that of the largest.
    ///
    /// - Returns: nil for an ensemble on one lattice.
    static func coarseningFiniteSize(_ coarsening: Coarsening) throws -> Figure? {
        guard let reference = coarsening.ensembles.first else { return nil }
        let axis = try LogarithmicAxis(reference.times, quantity: "the time", below: 1, above: 1.1)
        let checks = coarsening.finiteSize.filter { $0.length == .correlationLength }
        var contents: [Content] = []
        var plots: [String] = []
        var arrows: [String] = []
        var (low, high) = (0.9, 1.1)
        for (index, check) in checks.enumerated() {
            let color = CoarseningStyle.color(index + 1)
            let columns = CoarseningStyle.band(reference.times, check.ratios, check.errors)
            guard !columns[0].isEmpty else { continue }
            contents.append(.table("ratio\(index)", columns: columns))
            low = max(0.5, min(low, columns[2].min() ?? low))
            high = min(2, max(high, columns[3].max() ?? high))
            plots.append("$ratio\(index) using 1:3:4 with filledcurves fillcolor rgb '\(color.halfTransparent)' notitle")
            plots.append("$ratio\(index) using 1:2 \(FigureStyle.line(color, width: 2)) title '\(sizeText(check.size))'")
            guard check.departure.isFinite, check.departure > 0 else { continue }
            arrows.append(
                "set arrow from \(check.departure), graph 0 to \(check.departure), graph 1 nohead back "
                    + "\(CoarseningStyle.guide(color))")
        }
        guard !plots.isEmpty else { return nil }
        return Figure(
            name: "coarsening-finite-size", heading: "Finite-size check",
            caption:
                "Length of the domains (half height of C) on smaller lattices by that on \(sizeText(reference.size)), with the "
                + "joint standard error (bands). Upright lines: the time from which on it differs from 1 by more than two "
                + "standard errors.",
            contents: contents,
            commands: """
                \(axis.commands("x"))
                set yrange [\(low - 0.05):\(high + 0.05)]
                set xlabel '\(FigureStyle.time)'
                set ylabel '{/:Italic L} / {/:Italic L} of the largest lattice'
                \(arrows.joined(separator: "\n"))
                plot 1 \(FigureStyle.line(.ink, width: 1.2, dashed: true)) notitle, \\
                    \(plots.joined(separator: ", \\\n    "))
                """)
    }
}

extension Coarsening.Exponent {
    /// First and last time of its window.
    fileprivate var bounds: (Double, Double)? { window.count == 2 ? (window[0], window[1]) : nil }
}

extension Coarsening.LengthName {
    /// As figures name it.
    fileprivate var markup: String {
        switch self {
        case .correlationLength: "half height of {/:Italic C}"
        case .domainLength: "moment of {/:Italic S}"
        }
    }
}

/// What the figures of an ensemble share.
enum CoarseningStyle {
    /// The colour of an ensemble, the largest lattice first.
    static func color(_ index: Int) -> FigureColor {
        let colors = [FigureColor.blue, .orange, .green, .muted]
        return colors[min(index, colors.count - 1)]
    }

    static func title(_ ensemble: Coarsening.Ensemble) -> String { sizeText(ensemble.size) }

    /// Columns x, mean, mean − error, mean + error of what is above 0; the rest is left out.
    static func band(_ abscissae: [Double], _ values: [Double], _ errors: [Double]) -> [[Double]] {
        let kept = abscissae.indices.filter { abscissae[$0] > 0 && values[$0] > 0 && values[$0].isFinite }
        func error(_ k: Int) -> Double { errors[k].isFinite ? errors[k] : 0 }
        return [
            kept.map { abscissae[$0] }, kept.map { values[$0] },
            // A band that reaches below 0 has no end on a logarithmic axis.
            kept.map { max(values[$0] - error($0), values[$0] * 1e-3) }, kept.map { values[$0] + error($0) },
        ]
    }

    /// A thin line that marks a place.
    static func guide(_ color: FigureColor) -> String { "linewidth 1.2 dashtype 3 linecolor rgb '\(color)'" }
}
