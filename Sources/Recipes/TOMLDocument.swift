import Foundation
import Storage
import TOMLKit

/// A TOML file after parsing, and what is needed to say where in it something is wrong.
package struct TOMLDocument {
    let source: TOMLSource
    let root: TOMLTable
    /// The file as the user named it.
    var file: String { source.file }

    /// The longest file that is read: recipes and lattices are written by hand.
    private static let largestSize = 1 << 20

    /// - Throws: ``RecipeError`` if the file cannot be read or is not TOML.
    init(contentsOf path: String) throws {
        let data: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= Self.largestSize else {
                throw RecipeError(file: path, problem: "is \(size) bytes long; at most \(Self.largestSize) are allowed")
            }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                throw RecipeError(file: path, problem: "is a folder; a TOML file is needed")
            }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch let error as RecipeError {
            throw error
        } catch {
            let exists = FileManager.default.fileExists(atPath: path)
            throw RecipeError(file: path, problem: exists ? "cannot be read" : "does not exist")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw RecipeError(file: path, problem: "is not text in UTF-8")
        }
        try self.init(text, file: path)
    }

    /// - Throws: ``RecipeError`` naming line and column where the text stops being TOML.
    package init(_ text: String, file: String) throws {
        source = TOMLSource(file: file, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        // The parser takes a C string, which a zero byte would cut short.
        if let line = source.lines.firstIndex(where: { $0.unicodeScalars.contains("\0") }) {
            throw RecipeError(file: file, line: line + 1, problem: "holds a zero byte; TOML is text")
        }
        do {
            var precheck = TOMLPrecheck(text)
            try precheck.check()
            root = try TOMLTable(string: text)
        } catch let failure as TOMLPrecheck.Failure {
            throw RecipeError(file: file, line: failure.line, column: failure.column, problem: "not TOML: \(failure.problem)")
        } catch let error as TOMLParseError {
            throw RecipeError(
                file: file, line: error.source.begin.line, column: error.source.begin.column,
                problem: "not TOML: " + Self.firstLetterLowered(error.description))
        }
    }

    /// An error about `key` of `table` (nil: the root), with the line the key is written on if it can be found.
    package func error(table: String?, key: String?, _ problem: String) -> RecipeError {
        source.error(table: table, key: key, problem)
    }

    private static func firstLetterLowered(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// A TOML file by name and lines: what is needed to say where in it something is wrong, also long after it was read.
///
/// Any two are equal: where something is written is no part of what it says.
package struct TOMLSource: Sendable, Equatable {
    /// The file as the user named it.
    let file: String
    fileprivate let lines: [Substring]

    package static func == (_: TOMLSource, _: TOMLSource) -> Bool { true }

    /// An error about `key` of `table` (nil: the root), with the line the key is written on if it can be found.
    package func error(table: String?, key: String?, _ problem: String) -> RecipeError {
        let path = [table, key].compactMap(\.self).joined(separator: ".")
        return RecipeError(file: file, line: line(table: table, key: key), key: path.isEmpty ? nil : path, problem: problem)
    }

    /// Where `key` of `[table]` is written, counted from 1; where the table begins if the key is not there.
    private func line(table: String?, key: String?) -> Int? {
        var current: String?
        var header: Int?
        for (index, line) in lines.enumerated() {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("[") {
                current = line.drop { $0 == "[" }.prefix { $0 != "]" }.trimmingCharacters(in: .whitespaces)
                if current == table ?? key, header == nil { header = index + 1 }
            } else if let key, let equals = line.firstIndex(of: "="), current == table || current == nil {
                let name = line[..<equals].trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
                let wanted = current == table ? key : [table, key].compactMap(\.self).joined(separator: ".")
                if name == wanted { return index + 1 }
            }
        }
        return header
    }
}

/// Values as canonical TOML: the same value always gives the same text, and the text reads back as the same value.
package enum TOMLText {
    static func text(_ value: Bool) -> String { value ? "true" : "false" }

    static func text(_ value: Int) -> String { String(value) }

    /// The shortest decimal that reads back as the same number.
    package static func text(_ value: Double) -> String { "\(value)" }

    static func text(_ values: [Bool]) -> String { "[" + values.map { text($0) }.joined(separator: ", ") + "]" }

    static func text(_ values: [Int]) -> String { "[" + values.map { text($0) }.joined(separator: ", ") + "]" }

    static func text(_ values: [Double]) -> String { "[" + values.map { text($0) }.joined(separator: ", ") + "]" }

    /// A basic string, with quotation marks, backslashes and control characters escaped.
    static func text(_ value: String) -> String {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\0"..<" ", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// A mistake in a recipe or a lattice file.
///
/// `description` is one sentence for the user: the file, the line where it is known, the key, what was found and what is
/// allowed.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as the user named it.
    public let file: String
    /// The line, counted from 1; nil where it is not known.
    public let line: Int?
    /// The column, counted from 1; nil where it is not known.
    public let column: Int?
    /// The key with its table, as in `training.batch_size`; nil if the trouble is with the file as a whole.
    public let key: String?
    /// What is wrong, and what is allowed.
    public let problem: String

    /// A mistake at a place of a file; the parameters are the properties.
    public init(file: String, line: Int? = nil, column: Int? = nil, key: String? = nil, problem: String) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.problem = problem
    }

    public var description: String {
        let place = [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
        return [place, key, problem].compactMap(\.self).joined(separator: ": ")
    }
}
