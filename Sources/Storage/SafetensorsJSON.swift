/// The JSON of a safetensors header: an object of tensor descriptions, and of strings under `__metadata__`.
///
/// A reader of just this grammar, because a general one neither notices keys that come twice nor bounds the depth.
/// JSON: RFC 8259.
struct SafetensorsJSON {
    /// What the header says of one tensor, not yet held against anything.
    struct Description {
        let name: String
        let elementType: String
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    struct Contents {
        var descriptions: [Description] = []
        var metadata: [String: String] = [:]
    }

    /// What was expected where the text went wrong.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the whole header.
    mutating func contents() throws -> Contents {
        var contents = Contents()
        guard bytes.first == UInt8(ascii: "{") else { throw failure("'{'") }
        try object { json, key in
            if key == SafetensorsHeader.metadataKey {
                try json.object { json, key in contents.metadata[key] = try json.string() }
            } else {
                contents.descriptions.append(try json.tensorDescription(name: key))
            }
        }
        skipSpace()
        guard position == bytes.count else { throw failure("nothing but spaces") }
        return contents
    }

    /// `text` as a JSON string: quotation marks, backslashes and control characters escaped, everything else as it is.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private mutating func tensorDescription(name: String) throws -> Description {
        var elementType: String?
        var shape: [Int]?
        var offsets: [Int]?
        try object { json, key in
            switch key {
            case "dtype": elementType = try json.string()
            case "shape": shape = try json.wholeNumbers()
            case "data_offsets": offsets = try json.wholeNumbers()
            default: throw json.failure("'dtype', 'shape' or 'data_offsets'")
            }
        }
        guard let elementType, let shape, let offsets, offsets.count == 2 else {
            throw failure("'dtype', 'shape' and two 'data_offsets' of tensor '\(name)'")
        }
        return Description(name: name, elementType: elementType, shape: shape, begin: offsets[0], end: offsets[1])
    }

    /// Reads an object; `member` reads the value of each key. A key that comes twice is refused.
    private mutating func object(_ member: (inout SafetensorsJSON, String) throws -> Void) throws {
        try expect("{")
        if take("}") { return }
        var keys: Set<String> = []
        repeat {
            let key = try string()
            guard keys.insert(key).inserted else { throw failure("another key than '\(key)', which comes twice,") }
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    private mutating func wholeNumbers() throws -> [Int] {
        try expect("[")
        if take("]") { return [] }
        var numbers: [Int] = []
        repeat {
            skipSpace()
            let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw failure("a whole number below 2^63") }
            position += digits.count
            numbers.append(number)
        } while take(",")
        try expect("]")
        return numbers
    }

    private mutating func string() throws -> String {
        try expect("\"")
        var contents: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: contents, as: UTF8.self) else { throw failure("text in UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                contents += UTF8.encode(try escapedScalar())!
            case 0..<0x20:
                throw failure("no control character in a string")
            default:
                position += 1
                contents.append(byte)
            }
        }
        throw failure("'\"'")
    }

    /// The character that the letters after a backslash stand for.
    private mutating func escapedScalar() throws -> Unicode.Scalar {
        guard position < bytes.count else { throw failure("a letter after '\\'") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try fourDigits()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // Characters beyond U+FFFF are written as two halves.
            let halves = UTF16.isLeadSurrogate(unit) && bytes[position...].starts(with: Array("\\u".utf8))
            guard halves else { throw failure("the second half of a surrogate pair") }
            position += 2
            let second = try fourDigits()
            guard UTF16.isTrailSurrogate(second) else { throw failure("the second half of a surrogate pair") }
            return UTF16.decode(UTF16.EncodedScalar([unit, second]))
        default: throw failure("an escape sequence")
        }
    }

    private mutating func fourDigits() throws -> UInt16 {
        let digits = bytes[position...].prefix(4)
        let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard digits.count == 4, isHexadecimal, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw failure("four hexadecimal digits")
        }
        position += 4
        return unit
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard take(character) else { throw failure("'\(character)'") }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
            position += 1
        }
    }

    private func failure(_ expected: String) -> Failure {
        Failure(description: "\(expected) is expected at byte \(position)")
    }
}
