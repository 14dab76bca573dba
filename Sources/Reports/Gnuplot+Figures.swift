import Foundation
import Runs
import Storage

extension Gnuplot {
    /// Draws a figure in a temporary folder.
    ///
    /// - Throws: ``StageError/program(name:problem:)`` with what gnuplot says, `StorageError` if the disk is full.
    package func draw(_ figure: Figure) throws -> DrawnFigure {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adiabat-figure-" + UUID().uuidString)
        try RunDirectory(folder.path).create()
        defer { try? FileManager.default.removeItem(at: folder) }
        for case .map(let map) in figure.contents {
            try AtomicFile.write(map.bytes, to: folder.appendingPathComponent(map.file).path)
        }
        try AtomicFile.write(script(figure), to: folder.appendingPathComponent("figure.gnuplot").path)
        try run("figure.gnuplot", in: folder, subject: figure.name)
        func output(_ suffix: String) throws -> Data {
            let file = folder.appendingPathComponent("figure." + suffix)
            guard let data = FileManager.default.contents(atPath: file.path), !data.isEmpty else {
                throw StageError.program(name: Self.name, problem: "\(figure.name): has drawn no \(suffix)")
            }
            return data
        }
        return DrawnFigure(figure: figure, png: Array(try output("png")), svg: Self.improved(try output("svg")))
    }

    private func script(_ figure: Figure) -> String {
        var text = ""
        for case .table(let name, let columns) in figure.contents { text += GnuplotText.datablock(name, columns: columns) }
        for (terminal, suffix) in [(FigureStyle.pngTerminal(figure), "png"), (FigureStyle.svgTerminal(figure), "svg")] {
            text += "\(FigureStyle.preamble)\n\(terminal)\nset output 'figure.\(suffix)'\n\(figure.commands)\nunset output\n"
        }
        return text
    }

    /// The SVG with fonts that exist where Liberation Sans does not, and pixels that are not blurred.
    private static func improved(_ svg: Data) -> [UInt8] {
        let text = String(decoding: svg, as: UTF8.self)
        let family = "font-family=\"\(FigureStyle.font)"
        return Array(
            text.replacing(family + "\"", with: family + ", Arial, Helvetica, sans-serif\"")
                .replacing("<image ", with: "<image style='image-rendering: pixelated' ").utf8)
    }
}
