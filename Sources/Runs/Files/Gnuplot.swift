import Foundation
import Storage

/// The program that draws the figures.
package struct Gnuplot {
    package static let name = "gnuplot"
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

    /// The only variables that gnuplot sees of the user's: others (`GNUTERM`, `GNUPLOT_LIB`, `LC_NUMERIC`, …) would decide what is
    /// drawn, or whether anything is. These say where programs, libraries and fonts are.
    private static let variables = [
        "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME",
        "XDG_DATA_DIRS",
    ]

    /// Runs a script with none of the user's settings.
    package func run(_ script: String, in folder: URL, subject: String) throws {
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
}

/// Text and numbers as gnuplot reads them.
package enum GnuplotText {
    /// Any text as a string constant that shows as it is: no commands, no markup.
    ///
    /// Within single quotes gnuplot expands neither backquotes nor escapes; the enhanced text mode, which acts afterwards, is
    /// told by backslashes to leave its special characters alone.
    package static func quoted(_ text: String) -> String {
        "'" + escaped(text).replacing("'", with: "''") + "'"
    }

    /// Text without meaning to the enhanced text mode, to be put into markup of our own.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if CharacterSet.controlCharacters.contains(scalar) || CharacterSet.newlines.contains(scalar) {
                result += " "
            } else {
                if "\\^_{}@&~".unicodeScalars.contains(scalar) { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "NaN" }

    /// A datablock of the given columns.
    package static func datablock(_ name: String, columns: [[Double]]) -> String {
        let rows = columns.map(\.count).min() ?? 0
        let lines = (0..<rows).map { row in columns.map { number($0[row]) }.joined(separator: " ") }
        return "$\(name) << END\n" + lines.map { $0 + "\n" }.joined() + "END\n"
    }
}
