import Storage

/// A figure before it is drawn: data and gnuplot commands, with what the page says about it.
struct Figure {
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
struct DrawnFigure {
    let figure: Figure
    let png: [UInt8]
    let svg: [UInt8]

    /// Writes `NAME.png` and `NAME.svg`.
    ///
    /// - Returns: their paths.
    func write(in folder: String) throws -> [String] {
        try [("png", png), ("svg", svg)].map { suffix, data in
            let path = "\(folder)/\(figure.name).\(suffix)"
            try AtomicFile.write(data, to: path)
            return path
        }
    }
}
