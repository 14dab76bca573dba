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
