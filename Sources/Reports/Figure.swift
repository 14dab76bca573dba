import Foundation
import Storage

/// A figure before it is drawn: data and gnuplot commands, with what the page says about it.
package struct Figure {
    /// How the page shows it.
    enum Embedding {
        /// Lines: as SVG.
        case vector
        /// Many points or pixels: as PNG.
        case raster
    }

    /// Numbers that the commands plot.
    enum Content {
        /// Columns of a datablock `$name`.
        case table(String, columns: [[Double]])
        /// Values of a file `name.bin`, to be plotted by ``PixelMap/plot(_:)``.
        case map(PixelMap)
    }

    /// Name of its files.
    let name: String
    let heading: String
    /// Plain text.
    let caption: String
    /// Pixels on the page.
    var width = 700
    var height = 430
    var embedding = Embedding.vector
    let contents: [Content]
    let commands: String
}

/// A figure as files.
package struct DrawnFigure {
    let figure: Figure
    let png: [UInt8]
    let svg: [UInt8]

    /// Writes `NAME.png` and `NAME.svg`.
    ///
    /// - Returns: their paths.
    package func write(in folder: String) throws -> [String] {
        try [("png", png), ("svg", svg)].map { suffix, data in
            let path = "\(folder)/\(figure.name).\(suffix)"
            try AtomicFile.write(data, to: path)
            return path
        }
    }
}

/// One look for all figures: thin axes, no frames, keys beside the plot, colours that the colour-blind tell apart.
enum FigureStyle {
    /// Blue through white to red: a quantity with a sign.
    static let diverging =
        "set palette defined (-5 '#053061', -4 '#2166ac', -3 '#4393c3', -2 '#92c5de', -1 '#d1e5f0', 0 '#f7f7f7', "
        + "1 '#fddbc7', 2 '#f4a582', 3 '#d6604d', 4 '#b2182b', 5 '#67001f')"

    /// Viridis: a positive quantity.
    static let sequential =
        "set palette defined (0 '#440154', 1 '#482878', 2 '#3e4a89', 3 '#31688e', 4 '#26828e', 5 '#1f9e89', 6 '#35b779', "
        + "7 '#6ece58', 8 '#b5de2b', 9 '#fde725')"

    /// Commands before every figure. The key lies above the plot, where no curve runs.
    static let preamble = """
        reset
        set encoding utf8
        set minussign
        set border 3 linecolor rgb '\(FigureColor.ink)' linewidth 0.9
        set tics out nomirror scale 0.6 textcolor rgb '\(FigureColor.ink)'
        set grid linetype 1 linecolor rgb '#e8e8e8' linewidth 0.7
        set key noautotitle Left reverse samplen 2.2 spacing 1.25 textcolor rgb '\(FigureColor.ink)'
        set key outside top center horizontal
        set style fill solid 1 noborder
        set rmargin 3
        set autoscale xfixmax
        """

    /// Commands before pictures of pixels: a frame, no grid.
    static let picture = "set border 15\nunset grid\nset tics scale 0"

    static let font = "Liberation Sans"

    /// The command that begins a PNG of twice the figure's size, for dense screens and print.
    ///
    /// Its font size is in points, three quarters of which are as large as the same number of pixels in the SVG.
    static func pngTerminal(_ figure: Figure) -> String {
        "set terminal pngcairo enhanced color size \(2 * figure.width),\(2 * figure.height) background rgb 'white' "
            + "font '\(font),14' fontscale 1.5 linewidth 2 pointscale 2"
    }

    static func svgTerminal(_ figure: Figure) -> String {
        "set terminal svg enhanced size \(figure.width),\(figure.height) background rgb 'white' font '\(font),14'"
    }

    /// What stands after the data of a curve.
    static func line(_ color: FigureColor, width: Double, dashed: Bool = false) -> String {
        "with lines linewidth \(width)\(dashed ? " dashtype 2" : "") linecolor rgb '\(color)'"
    }

    /// The command that draws the line y = 0.
    static let zeroLine = "set xzeroaxis linetype 1 linewidth 0.9 linecolor rgb '\(FigureColor.muted)'"

    /// The commands for an axis of whole numbers, which none between them is marked on.
    static func wholeNumbers(_ axis: String, _ range: ClosedRange<Double>) -> String {
        let step = max(1, LogarithmicAxis.roundStep(max(range.upperBound - range.lowerBound, 1) / 8))
        return "set \(axis)tics \(Int(step))\nset format \(axis) '%.0f'"
    }

    /// A plot of nothing but a key, over the whole width of a figure.
    ///
    /// - Parameters:
    ///   - entries: style and title of each, as they stand after the data of a curve.
    ///   - place: lower and upper end, as fractions of the figure.
    static func key(_ entries: [String], columns: Int, from place: (bottom: Double, top: Double)) -> String {
        """
        set lmargin at screen 0
        set rmargin at screen 1
        set tmargin at screen \(place.top)
        set bmargin at screen \(place.bottom)
        unset border
        unset tics
        unset title
        unset xlabel
        unset ylabel
        unset logscale
        unset xzeroaxis
        set xrange [0:1]
        set yrange [0:1]
        set key inside center center horizontal maxcols \(columns)
        plot \(entries.map { "NaN " + $0 }.joined(separator: ", \\\n    "))
        """
    }

    // Axis labels; k_B = 1 and displacements are plain numbers, so that forces and temperatures have the unit of the hopping.
    static let time = "time {/:Italic t}  (τ)"
    static let distance = "distance {/:Italic r}  (lattice constants)"
    static let domainLength = "domain length {/:Italic L}  (lattice constants)"
    static let correlation = "{/:Italic C}({/:Italic r}) / {/:Italic C}(0)"
}

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
