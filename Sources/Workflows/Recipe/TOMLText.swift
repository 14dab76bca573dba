/// Values as canonical TOML: the same value always gives the same text, and the text reads back as the same value.
enum TOMLText {
    static func text(_ value: Bool) -> String { value ? "true" : "false" }

    static func text(_ value: Int) -> String { String(value) }

    /// The shortest decimal that reads back as the same number.
    static func text(_ value: Double) -> String { "\(value)" }

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
