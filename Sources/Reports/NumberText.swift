import Foundation

/// Numbers as people write them, for the page: a minus and powers of ten as they are set in print. What can be copied into a recipe
/// or read by a script is a ``TerminalNumber``.
enum NumberText {
    /// Up to four significant digits, and all of a whole part, without an exponent: times and sizes.
    static func plain(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let decimals = value == 0 ? 0 : min(max(3 - Int(floor(log10(abs(value)))), 0), 300)
        var text = String(format: "%.\(decimals)f", value)
        if decimals > 0 { text = String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed()) }
        return text.replacing("-", with: "−")
    }

    /// A whole number with its thousands set apart.
    static func count(_ value: Int) -> String {
        let digits = Array(String(value))
        guard digits.count > 4 else { return String(digits) }
        return digits.indices.map { ($0 > 0 && (digits.count - $0) % 3 == 0 ? "\u{202f}" : "") + String(digits[$0]) }.joined()
    }

    /// Three significant digits, with a power of ten for what is very small or large.
    static func text(_ value: Double) -> String {
        decimal(value) { mantissa, exponent in mantissa + " × 10" + superscript(exponent) }
    }

    /// The same in gnuplot's markup.
    static func enhanced(_ value: Double) -> String {
        decimal(value) { mantissa, exponent in mantissa + " × 10^{\(exponent < 0 ? "−" : "")\(abs(exponent))}" }
    }

    /// A value with its standard error, both to the first two digits of the error.
    static func uncertain(_ value: Double, _ error: Double) -> String {
        guard value.isFinite else { return "–" }
        guard error.isFinite, error > 0 else { return plain(value) }
        let digits = min(max(1 - Int(floor(log10(error))), 0), 6)
        return String(format: "%.\(digits)f ± %.\(digits)f", value, error).replacing("-", with: "−")
    }

    /// Seconds in the unit that suits them.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        return switch abs(seconds) {
        case ..<1e-3: plain((seconds * 1e9).rounded() / 1e3) + " µs"
        case ..<1: plain((seconds * 1e3).rounded(toDigits: 3)) + " ms"
        default: plain(seconds.rounded(toDigits: 3)) + " s"
        }
    }

    private static func decimal(_ value: Double, power: (String, Int) -> String) -> String {
        guard value.isFinite else { return "–" }
        guard value != 0 else { return "0" }
        let parts = String(format: "%.2e", value).split(separator: "e")
        let exponent = Int(parts[1])!
        let text =
            (-3...3).contains(exponent) ? String(format: "%.\(max(0, 2 - exponent))f", value) : power(String(parts[0]), exponent)
        return text.replacing("-", with: "−")
    }

    private static func superscript(_ exponent: Int) -> String {
        String(
            String(exponent).map { character in
                character == "-" ? "⁻" : Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[character.wholeNumberValue!]
            })
    }
}
