/// A colour of the palette of Okabe and Ito, which the colour-blind tell apart, as gnuplot reads it.
struct FigureColor: CustomStringConvertible {
    let description: String

    private init(_ code: String) {
        description = code
    }

    static let ink = FigureColor("#222222")
    static let muted = FigureColor("#8a8a8a")
    static let blue = FigureColor("#0072b2")
    static let orange = FigureColor("#d55e00")
    static let green = FigureColor("#009e73")
    static let sky = FigureColor("#56b4e9")

    /// What is exact, and what is learned, in every figure that shows both.
    static let exact = ink
    static let learned = orange

    /// Several learned models in one figure.
    static let learnedFamilies = ["#d55e00", "#cc79a7", "#e69f00", "#8c2d04", "#7b3294", "#b2182b", "#dd1c77"].map(
        FigureColor.init)

    /// The colour at half opacity.
    var halfTransparent: String { "#80" + description.dropFirst() }

    /// `count` colours for increasing times, light to dark: viridis without its palest end.
    static func sequence(_ count: Int) -> [FigureColor] {
        let colors = ["#8fd744", "#35b779", "#21908c", "#31688e", "#440154"].map(FigureColor.init)
        guard count > 1 else { return [colors[colors.count - 1]] }
        return (0..<count).map { colors[$0 * (colors.count - 1) / (count - 1)] }
    }
}
