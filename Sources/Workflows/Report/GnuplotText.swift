import Foundation

/// Text and numbers as gnuplot reads them.
enum GnuplotText {
    /// Any text as a string constant that shows as it is: no commands, no markup.
    ///
    /// Within single quotes gnuplot expands neither backquotes nor escapes; the enhanced text mode, which acts afterwards, is
    /// told by backslashes to leave its special characters alone.
    static func quoted(_ text: String) -> String {
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
    static func datablock(_ name: String, columns: [[Double]]) -> String {
        let rows = columns.map(\.count).min() ?? 0
        let lines = (0..<rows).map { row in columns.map { number($0[row]) }.joined(separator: " ") }
        return "$\(name) << END\n" + lines.map { $0 + "\n" }.joined() + "END\n"
    }
}
