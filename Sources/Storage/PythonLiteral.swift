/// A reader of the small part of Python's literals that a `.npy` header is written in: a dictionary whose keys are
/// strings and whose values are strings, `True`, `False` or tuples of whole numbers.
///
/// Every function returns nil where the text is anything else.
struct PythonLiteral {
    enum Value: Equatable {
        case string(String)
        case boolean(Bool)
        case tuple([Int])
        /// The element type of a structured array, whose contents do not matter because it is not accepted.
        case list
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The whole text as a dictionary; a key that comes twice is refused.
    mutating func dictionary() -> [String: Value]? {
        guard take("{") else { return nil }
        var entries: [String: Value] = [:]
        while !take("}") {
            guard let key = string(), take(":"), let value = value() else { return nil }
            guard entries.updateValue(value, forKey: key) == nil else { return nil }
            guard take(",") || peek("}") else { return nil }
        }
        skipSpace()
        return position == bytes.count ? entries : nil
    }

    private mutating func value() -> Value? {
        if peek("'") || peek("\"") { return string().map(Value.string) }
        if peek("(") { return tuple().map(Value.tuple) }
        if peek("[") { return skipList() ? .list : nil }
        if take("True") { return .boolean(true) }
        if take("False") { return .boolean(false) }
        return nil
    }

    private mutating func string() -> String? {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\"") else {
            return nil
        }
        let quote = bytes[position]
        guard let end = bytes[(position + 1)...].firstIndex(of: quote) else { return nil }
        let contents = bytes[(position + 1)..<end]
        position = end + 1
        return String(validating: contents, as: UTF8.self)
    }

    private mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var elements: [Int] = []
        while !take(")") {
            guard let element = wholeNumber(), take(",") || peek(")") else { return nil }
            elements.append(element)
        }
        return elements
    }

    private mutating func wholeNumber() -> Int? {
        skipSpace()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        position += digits.count
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private mutating func skipList() -> Bool {
        var depth = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "[") { depth += 1 }
            if bytes[position] == UInt8(ascii: "]") { depth -= 1 }
            position += 1
            if depth == 0 { return true }
        }
        return false
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard peek(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func peek(_ text: StaticString) -> Bool {
        skipSpace()
        return bytes[position...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func skipSpace() {
        while position < bytes.count, [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t")].contains(bytes[position]) {
            position += 1
        }
    }
}
