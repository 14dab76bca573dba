import Foundation

/// Where long measurements say how far they have come.
enum StandardError {
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    static func print(_ line: String) { write(line + "\n") }
}
