import Foundation
import Recipes
import Runs
import Storage

/// What a file is and what it holds, for people and for programs.
public struct FileInspection: Sendable, Equatable, Codable {
    /// A dataset, tensor or array.
    public struct Array: Sendable, Equatable, Codable {
        /// The path within an HDF5 file, the name of a tensor, or `array` for the one of an `.npy` file.
        public let name: String
        /// The length of each axis, row-major: the last one runs fastest.
        public let shape: [Int]
        /// `float64`, `float32`, `int64`, …, for people.
        public let elementType: String
    }

    /// The path that was given.
    public let file: String
    /// `dataset`, `trajectory`, `model`, `checkpoint`, `comparison`, `costs`, `analysis`, `coarsening`, `audit`, `manifest`, `array`, `table`
    /// or `recipe`; the format alone (`HDF5 file`, `JSON file`, `PNG image`, …) of others.
    public let kind: String
    /// The size of the file.
    public let bytes: Int
    /// SHA-256 of the whole file, 64 lower-case hexadecimal digits.
    public let sha256: String
    /// What an HDF5, safetensors or `.npy` file holds; empty for other formats.
    public let arrays: [Array]
    /// Attributes and metadata, the long ones too: recipes among them.
    public let attributes: [String: String]

    /// Looks into a file; which format it has is told by its first bytes, not by its name.
    ///
    /// - Throws: `StorageError` or ``RecipeError`` for a file that cannot be read, is damaged, or is of no known format.
    public init(contentsOf path: String) throws {
        let sha256 = try Digest.sha256(ofFile: path)
        let handle = FileHandle(forReadingAtPath: path)
        let head = (try? handle?.read(upToCount: 16)) ?? Data()
        let contents: Contents =
            if head.starts(with: [0x89] + Swift.Array("HDF".utf8)) {
                try Self.hdf5(path)
            } else if head.starts(with: [0x93] + Swift.Array("NUMPY".utf8)) {
                try Self.npy(path)
            } else if head.count > 8, head[head.startIndex + 7] == 0, head[head.startIndex + 8] == UInt8(ascii: "{") {
                try Self.safetensors(path)
            } else if head.starts(with: Swift.Array("{".utf8)) || head.starts(with: Swift.Array("[\n".utf8)) {
                try Self.json(path)
            } else if let kind = Self.documentKind(head) {
                (kind, [], [:])
            } else {
                try Self.text(path)
            }
        file = path
        bytes = Int(try handle?.seekToEnd() ?? 0)
        self.sha256 = sha256
        (kind, arrays, attributes) = contents
    }

    /// Images and pages, which are for looking at, by their first bytes.
    private static func documentKind(_ head: Data) -> String? {
        if head.starts(with: [0x89] + Swift.Array("PNG".utf8)) { return "PNG image" }
        let text = String(decoding: head, as: UTF8.self).lowercased()
        if text.hasPrefix("<!doctype html") { return "HTML page" }
        return text.hasPrefix("<?xml") || text.hasPrefix("<svg") ? "SVG image" : nil
    }

    private typealias Contents = (kind: String, arrays: [Array], attributes: [String: String])

    private static func hdf5(_ path: String) throws -> Contents {
        let file = try HDF5File.open(path)
        var arrays: [Array] = []
        var attributes: [String: String] = [:]
        func visit(_ place: String) throws {
            for name in try file.attributeNames(of: place) {
                attributes[place == "/" ? name : "\(place):\(name)"] = attribute(name, of: place, in: file)
            }
            if try !file.isGroup(place) {
                let (shape, type) = (try file.shape(of: place), try file.elementType(of: place))
                arrays.append(Array(name: place, shape: shape, elementType: type.description))
                return
            }
            for child in try file.children(of: place) { try visit(place == "/" ? "/\(child)" : "\(place)/\(child)") }
        }
        try visit("/")
        try file.close()
        return (kind(attributes["format"] ?? attributes["/adiabat:format"]) ?? "HDF5 file", arrays, attributes)
    }

    /// An attribute of any type as text.
    private static func attribute(_ name: String, of place: String, in file: HDF5File) -> String {
        if let texts = try? file.readStringsAttribute(name, of: place) { return texts.joined(separator: ", ") }
        if let integers = try? file.readIntegersAttribute(name, of: place) {
            return integers.map(String.init).joined(separator: ", ")
        }
        if let numbers = try? file.readDoublesAttribute(name, of: place) {
            return numbers.map { $0.isFinite ? "\($0)" : TerminalNumber.undefined }.joined(separator: ", ")
        }
        return "(of a type that is not shown)"
    }

    /// What the program's own files say of themselves: `adiabat-dataset`, `adiabat-model`, ….
    private static func kind(_ format: String?) -> String? {
        guard let format, format.hasPrefix("adiabat-") else { return nil }
        return String(format.dropFirst("adiabat-".count))
    }

    private static func npy(_ path: String) throws -> Contents {
        let array = try NPYArray(contentsOf: path)
        var attributes: [String: String] = [:]
        let numbers = array.values.filter(\.isFinite)
        if let smallest = numbers.min(), let largest = numbers.max() {
            attributes = ["smallest": "\(smallest)", "largest": "\(largest)"]
        }
        attributes["not finite"] = "\(array.values.count { !$0.isFinite })"
        return ("array", [Array(name: "array", shape: array.shape, elementType: "float64 or float32")], attributes)
    }

    private static func safetensors(_ path: String) throws -> Contents {
        let file = try Safetensors(contentsOf: path)
        let arrays = file.tensors.map { tensor in
            let type =
                switch tensor.values {
                case .float32: "float32"
                case .float64: "float64"
                case .int64: "int64"
                }
            return Array(name: tensor.name, shape: tensor.shape, elementType: type)
        }
        let isCheckpoint = file.metadata["checkpoint.sha256"] != nil
        return (isCheckpoint ? "checkpoint" : kind(file.metadata["format"]) ?? "safetensors file", arrays, file.metadata)
    }

    private static func json(_ path: String) throws -> Contents {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard let object = try? JSONSerialization.jsonObject(with: data) else {
            throw StorageError(.malformed, path: path, problem: "is not JSON, although it begins like it")
        }
        var attributes: [String: String] = [:]
        func visit(_ value: Any, _ key: String) {
            switch value {
            case let object as [String: Any]:
                for (name, value) in object { visit(value, key.isEmpty ? name : "\(key).\(name)") }
            case let array as [Any]: attributes[key] = "\(array.count) values"
            case let text as String: attributes[key] = text
            case is NSNull: attributes[key] = TerminalNumber.undefined
            default: attributes[key] = "\(value)"
            }
        }
        visit(object, "")
        let keys = (object as? [String: Any] ?? [:]).keys
        let marks = [
            ("twins", "comparison"), ("costs", "costs"), ("series", "analysis"), ("allen_cahn_exponent", "coarsening"),
            ("audited_digest", "audit"), ("recipe_digest", "manifest"),
        ]
        let kind = marks.first { keys.contains($0.0) }?.1 ?? "JSON file"
        return (kind, [], attributes)
    }

    /// Files whose kind only their names tell.
    private static func text(_ path: String) throws -> Contents {
        switch (path as NSString).pathExtension {
        case "toml": return try recipe(path)
        case "csv": return try table(path)
        default:
            throw StorageError(
                .malformed, path: path,
                problem: "is of no known format; HDF5, .npy, safetensors, JSON, CSV, .toml, figures and reports are allowed")
        }
    }

    /// A table with the names of its columns in the first line.
    private static func table(_ path: String) throws -> Contents {
        guard let text = String(validating: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) else {
            throw StorageError(.malformed, path: path, problem: "is not text in UTF-8")
        }
        let lines = text.split(separator: "\n")
        let columns = lines.first?.split(separator: ",").joined(separator: ", ") ?? ""
        return ("table", [], ["columns": columns, "rows": "\(max(0, lines.count - 1))"])
    }

    private static func recipe(_ path: String) throws -> Contents {
        let recipe = try Recipe(contentsOf: path)
        var attributes = ["title": recipe.title, "seed": "\(recipe.seed)", "fingerprint": recipe.fingerprint()]
        for table in recipe.tables {
            for (key, value) in table.entries { attributes["\(table.name).\(key)"] = value }
        }
        return ("recipe", [], attributes)
    }
}

extension FileInspection {
    /// The contents as lines for people; texts of several lines stand indented below their name.
    public var text: String {
        var lines = ["\(file): \(kind), \(bytes) bytes", "SHA-256 \(sha256)"]
        if !arrays.isEmpty { lines.append("") }
        let width = arrays.map(\.name.count).max() ?? 0
        for array in arrays {
            let name = array.name.padding(toLength: width, withPad: " ", startingAt: 0)
            lines.append("  \(name)  (\(array.shape.map(String.init).joined(separator: ", ")))  \(array.elementType)")
        }
        if !attributes.isEmpty { lines.append("") }
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            if value.contains("\n") {
                lines.append("  \(name):")
                lines += value.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
            } else {
                lines.append("  \(name) = \(value)")
            }
        }
        return lines.joined(separator: "\n")
    }
}
