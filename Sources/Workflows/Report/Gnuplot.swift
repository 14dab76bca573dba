import Foundation
import Storage

/// The program that draws the figures.
package struct Gnuplot {
    static let name = "gnuplot"
    private let executable: URL
    private let environment: [String: String]

    /// Looks for gnuplot in the folders of `PATH`.
    ///
    /// - Throws: ``StageError/program(name:problem:)`` if it is not there.
    package init() throws {
        try self.init(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
    }

    /// Looks for gnuplot in folders separated by colons.
    ///
    /// - Parameter environment: the user's, of which gnuplot sees a part.
    /// - Throws: ``StageError/program(name:problem:)`` if it is not there.
    package init(searchPath: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let candidates = searchPath.split(separator: ":").map { "\($0)/\(Self.name)" }
        guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
            throw StageError.program(name: Self.name, problem: "is not installed; `apt-get install gnuplot-nox` installs it")
        }
        executable = URL(fileURLWithPath: found)
        self.environment = environment.filter { Self.variables.contains($0.key) }.merging(["LC_ALL": "C.UTF-8"]) { $1 }
    }

    /// Draws a figure in a temporary folder.
    ///
    /// - Throws: ``StageError/program(name:problem:)`` with what gnuplot says, `StorageError` if the disk is full.
    func draw(_ figure: Figure) throws -> DrawnFigure {
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

    /// The only variables that gnuplot sees of the user's: others (`GNUTERM`, `GNUPLOT_LIB`, `LC_NUMERIC`, …) would decide what is
    /// drawn, or whether anything is. These say where programs, libraries and fonts are.
    private static let variables = [
        "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME",
        "XDG_DATA_DIRS",
    ]

    /// Runs a script with none of the user's settings.
    private func run(_ script: String, in folder: URL, subject: String) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = ["-d", script]
        process.currentDirectoryURL = folder
        process.environment = environment
        let messages = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = messages
        do { try process.run() } catch {
            throw StageError.program(name: Self.name, problem: "\(executable.path) cannot be run: \(error.localizedDescription)")
        }
        let text = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let cause = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            let problem = cause.isEmpty ? "ended with status \(process.terminationStatus)" : cause.joined(separator: " ")
            throw StageError.program(name: Self.name, problem: "\(subject): \(problem)")
        }
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
