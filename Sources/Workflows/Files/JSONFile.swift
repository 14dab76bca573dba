import Foundation
import Storage

/// Results as JSON: keys sorted, NaN and infinities as null, which reads back as NaN.
///
/// Optional values that are nil are left out, as synthesized `Codable` conformances do; a null is always a number.
package enum JSONFile {
    package static func encode(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: marker, negativeInfinity: marker, nan: marker)
        do {
            let data = try encoder.encode(value)
            return Data(String(decoding: data, as: UTF8.self).replacing("\"\(marker)\"", with: "null").utf8)
        } catch { preconditionFailure("results are encodable: \(error)") }
    }

    package static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(encode(value), to: path)
    }

    /// - Throws: `StorageError` if the file cannot be read or is not what was asked for.
    package static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StorageError(.unreadable, path: path, problem: "cannot be read")
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: marker)
        do {
            return try decoder.decode(type, from: markingNulls(in: data))
        } catch {
            throw StorageError(.malformed, path: path, problem: "is not a \(Value.self) of this program: \(error)")
        }
    }

    /// A word that stands for "not a number" between the encoder and the file.
    private static let marker = "not-a-number"

    /// Every null outside a text becomes the marker, for the decoder knows no other way to a NaN.
    private static func markingNulls(in data: Data) -> Data {
        let (bytes, null) = ([UInt8](data), Array("null".utf8))
        var result = Data(capacity: bytes.count)
        var isInText = false
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if !isInText, byte == null[0], bytes[position...].starts(with: null) {
                result.append(contentsOf: "\"\(marker)\"".utf8)
                position += null.count
                continue
            }
            result.append(byte)
            position += 1
            if isInText, byte == UInt8(ascii: "\\"), position < bytes.count {
                result.append(bytes[position])
                position += 1
            } else if byte == UInt8(ascii: "\"") {
                isInText.toggle()
            }
        }
        return result
    }
}
