import Foundation
import Storage

/// Results as JSON: keys in snake_case and sorted, NaN and infinities as null, which reads back as NaN.
///
/// A property `meanSquare` has the key `mean_square`; keys of dictionaries are data and stay as they are. Files of earlier versions,
/// whose keys are in camelCase, are read all the same.
///
/// A file ends with its seal, the key `sha256`: the digest of the text without it. A file whose seal is missing or does not fit is
/// refused, so that a digit that has changed on the disk does not become a result.
///
/// Optional values that are nil are left out, as synthesized `Codable` conformances do; a null is always a number.
package enum JSONFile {
    package static func encode(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: marker, negativeInfinity: marker, nan: marker)
        do {
            let data = try encoder.encode(value)
            return Data(String(decoding: data, as: UTF8.self).replacing("\"\(marker)\"", with: "null").utf8)
        } catch { preconditionFailure("results are encodable: \(error)") }
    }

    package static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(sealed(encode(value)), to: path)
    }

    /// - Throws: `StorageError` if the file cannot be read, has changed since it was written, or is not what was asked for.
    package static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        let contents = try contents(of: path)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: marker)
        do {
            return try decoder.decode(type, from: markingNulls(in: contents))
        } catch {
            throw StorageError(.malformed, path: path, problem: "is not a \(Value.self) of this program: \(error)")
        }
    }

    /// The text of a file without its seal.
    ///
    /// - Throws: `StorageError` if the file cannot be read or has changed since it was written.
    package static func contents(of path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StorageError(.unreadable, path: path, problem: "cannot be read")
        }
        guard let contents = unsealed(data) else {
            throw StorageError(
                .malformed, path: path,
                problem: "is damaged, was edited, or is of an earlier version of this program: its contents do not match the "
                    + "SHA-256 at its end")
        }
        return contents
    }

    /// The text of an object with its seal as the last key.
    package static func sealed(_ contents: Data) -> Data {
        precondition(contents.suffix(end.count).elementsEqual(end), "the results are an object with keys")
        return contents.dropLast(end.count) + seal(Digest.sha256(of: contents))
    }

    /// The text without its seal; nil if that does not fit.
    private static func unsealed(_ data: Data) -> Data? {
        let contents = data.dropLast(seal(Digest.sha256(of: Data())).count) + end
        return sealed(contents) == data ? contents : nil
    }

    /// What the text of an object ends with.
    private static let end = Data("\n}".utf8)

    private static func seal(_ digest: String) -> Data { Data(",\n  \"sha256\" : \"\(digest)\"\n}".utf8) }

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
