import Foundation
import Workflows

/// Where the program writes: results to stdout, everything else to stderr.
enum Terminal {
    static func printError(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A line rewritten in place where stderr is a terminal that can do so, lines that stay elsewhere.
    static func progress() -> TextProgress {
        let canRewrite = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        return TextProgress(style: canRewrite ? .terminal : .lines) { FileHandle.standardError.write(Data($0.utf8)) }
    }

    /// - Throws: what encoding throws; numbers that are not finite become texts.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
