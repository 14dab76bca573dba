import Foundation
import Storage

/// Results as JSON: keys sorted, NaN and infinities as null.
enum JSONFile {
    static func encode(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: marker, negativeInfinity: marker, nan: marker)
        do {
            let data = try encoder.encode(value)
            return Data(String(decoding: data, as: UTF8.self).replacing("\"\(marker)\"", with: "null").utf8)
        } catch { preconditionFailure("results are encodable: \(error)") }
    }

    static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(encode(value), to: path)
    }

    /// - Throws: ``StorageError`` if the file cannot be read or is not what was asked for.
    static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StorageError(.unreadable, path: path, problem: "cannot be read")
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: marker)
        let text = String(decoding: data, as: UTF8.self)
        do {
            return try decoder.decode(type, from: Data(restored(text).utf8))
        } catch {
            throw StorageError(.malformed, path: path, problem: "is not a \(Value.self) of this program: \(error)")
        }
    }

    /// A word that stands for "not a number" between the encoder and the file.
    private static let marker = "not-a-number"

    /// Nulls in arrays of numbers, as NaN for the decoder; optional values stand after a colon and stay null.
    private static func restored(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let item = line.trimmingCharacters(in: .whitespaces)
            return item == "null" || item == "null," ? String(line.replacing("null", with: "\"\(marker)\"")) : String(line)
        }.joined(separator: "\n")
    }
}
