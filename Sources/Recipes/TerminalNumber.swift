import Foundation

/// Numbers on lines of text: summaries, progress, what `check`, `inspect` and `audit` print. A number that is not finite is
/// `not defined`.
public enum TerminalNumber {
    /// What stands for a number that there is not.
    public static let undefined = "not defined"

    /// So many significant digits at most, with a power of ten where that is shorter.
    public static func text(_ value: Double, digits: Int = 4) -> String {
        value.isFinite ? String(format: "%.\(digits)g", value) : undefined
    }

    /// A value with its error, `1.234 ± 0.02`; the value alone if nothing, or no number, is known of the error.
    public static func text(_ value: Double, error: Double, digits: Int = 4, errorDigits: Int = 1) -> String {
        guard value.isFinite, error.isFinite, error > 0 else { return text(value, digits: digits) }
        return text(value, digits: digits) + " ± " + text(error, digits: errorDigits)
    }

    /// So many digits after the point.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        value.isFinite ? String(format: "%.\(decimals)f", value) : undefined
    }
}

/// "128 × 128", which no line is broken in.
package func sizeText(_ size: [Int]) -> String { size.map(String.init).joined(separator: "\u{a0}×\u{a0}") }
