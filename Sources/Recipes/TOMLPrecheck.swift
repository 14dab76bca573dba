/// Refuses the few malformed texts that the TOML parser meets with a failed assertion, which ends the program, instead of
/// an error: a table header whose name begins with a character of no name, an array element that begins with `}`, a date before
/// something that is no time, and characters beyond ASCII outside strings and comments (toml++ 3.4, compiled without NDEBUG). It also bounds the parts of a
/// dotted key, each of which is a level of nesting on the stack.
///
/// It follows strings, comments and brackets only as far as it takes to tell where a header or an element begins. Where it
/// loses its way the text is malformed, and the parser has refused it further up.
struct TOMLPrecheck {
    /// What is wrong where; line and column count from 1.
    struct Failure: Error {
        let line: Int
        let column: Int
        let problem: String
    }

    private static let mostKeyParts = 32

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// - Throws: ``Failure`` at the first place that must not reach the parser.
    mutating func check() throws(Failure) {
        var depth = 0
        var atStatement = true
        // The last character that was not a space, a comment or the inside of a string.
        var previous = UInt8(ascii: "\n")
        var dots = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                position += 1
                continue
            case UInt8(ascii: "\n"):
                position += 1
                dots = 0
                if depth == 0 { atStatement = true }
                continue
            case UInt8(ascii: "#"):
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
                continue
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                skipString(byte)
            case UInt8(ascii: "[") where atStatement:
                try checkHeader()
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                position += 1
            case UInt8(ascii: "}") where previous == UInt8(ascii: "[") || previous == UInt8(ascii: ","):
                throw failure("expected a value or ']', saw '}'")
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth = max(0, depth - 1)
                position += 1
            case UInt8(ascii: "."):
                dots += 1
                guard dots < Self.mostKeyParts else { throw failure("a key of more than \(Self.mostKeyParts) parts") }
                position += 1
            case UInt8(ascii: "="), UInt8(ascii: ","):
                dots = 0
                position += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9") where isDate():
                throw failure("a date is the value of no key; texts stand in quotation marks")
            case 0x21..<0x7f:
                position += 1
            default:
                throw failure("characters beyond ASCII and control characters belong in strings and comments")
            }
            previous = byte
            atStatement = false
        }
    }

    /// Whether the next characters are a date such as 1979-05-27.
    private func isDate() -> Bool {
        let text = bytes[position...].prefix(10)
        return text.count == 10
            && text.enumerated().allSatisfy { index, byte in
                [4, 7].contains(index) ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }

    /// Looks past `[` or `[[` at what the name of the table begins with.
    private mutating func checkHeader() throws(Failure) {
        position += 1
        if position < bytes.count, bytes[position] == UInt8(ascii: "[") { position += 1 }
        while position < bytes.count, [0x20, 0x09].contains(bytes[position]) { position += 1 }
        guard position < bytes.count else { return }
        switch bytes[position] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "]"):
            return
        default:
            throw failure("expected the name of a table after '['")
        }
    }

    /// Goes past a string of any of the four kinds.
    private mutating func skipString(_ quote: UInt8) {
        let opening = bytes[position...].prefix(3)
        let isMultiLine = opening.count == 3 && opening.allSatisfy { $0 == quote }
        position += isMultiLine ? 3 : 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                position += 2
            } else if byte == quote {
                guard isMultiLine else {
                    position += 1
                    return
                }
                // Up to five quotation marks end a string of several lines: two may belong to it.
                let run = bytes[position...].prefix { $0 == quote }.count
                position += min(run, 5)
                if run >= 3 { return }
            } else if byte == UInt8(ascii: "\n"), !isMultiLine {
                return
            } else {
                position += 1
            }
        }
    }

    private func failure(_ problem: String) -> Failure {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Failure(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1,
            column: String(decoding: before[lineStart...], as: UTF8.self).count + 1, problem: problem)
    }
}
