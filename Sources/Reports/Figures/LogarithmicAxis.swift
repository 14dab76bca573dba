import Foundation

/// Why a figure that the page could have is left out: an end of a sentence.
package struct FigureOmission: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A logarithmic axis over what is significant of some values: positive, and no rounding error of the largest.
package struct LogarithmicAxis {
    package let range: ClosedRange<Double>
    /// What is smaller is as good as nothing.
    private let least: Double

    /// Parts of the largest value that are below this are rounding, also in squares of numbers that should cancel.
    private static let rounding = 1e-15

    /// - Parameters:
    ///   - values: of all curves on the axis.
    ///   - quantity: what they are, for the reason why nothing is drawn.
    ///   - below: the part of the smallest value that the axis begins at.
    ///   - above: the multiple of the largest value that it ends at.
    /// - Throws: ``FigureOmission`` if none of the values is positive.
    package init(_ values: [Double], quantity: String, below: Double = 1 / 1.5, above: Double = 1.5) throws {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        guard let largest = positive.max() else {
            throw FigureOmission(
                values.contains(where: \.isFinite)
                    ? "\(quantity) is nowhere above 0, which has no place on a logarithmic axis"
                    : "\(quantity) is defined nowhere")
        }
        let least = max(largest * Self.rounding, .leastNormalMagnitude)
        self.least = least
        let smallest = positive.filter { $0 >= least }.min() ?? largest
        let isPoint = smallest * below >= largest * above
        range = max(smallest * (isPoint ? 0.5 : below), .leastNormalMagnitude)...min(largest * (isPoint ? 2 : above), 1e300)
    }

    /// The values with NaN, which is not drawn, for what has no place on the axis.
    package func shown(_ values: [Double]) -> [Double] { values.map { $0 >= least && $0.isFinite ? $0 : .nan } }

    /// The commands that set `axis` (x, y or y2) up.
    package func commands(_ axis: String) -> String {
        "set logscale \(axis)\nset \(axis)range [\(range.lowerBound):\(range.upperBound)]\n\(marks(axis))"
    }

    /// Powers of ten are too few on an axis shorter than two decades: there 1, 2, 5, 10, … are marked, and on a very short one
    /// round numbers at equal distances.
    private func marks(_ axis: String) -> String {
        guard range.upperBound < 100 * range.lowerBound else {
            let isPlain = range.lowerBound > 1e-3 && range.upperBound < 1e5
            return "set format \(axis) '\(isPlain ? "%g" : "10^{%L}")'"
        }
        let decades = Int(floor(log10(range.lowerBound)))...Int(floor(log10(range.upperBound)))
        let sets = [[1, 2, 5], [1, 2, 3, 4, 5, 6, 8]].map { digits in
            decades.flatMap { decade in digits.map { $0 * pow(10, Double(decade)) } }.filter(range.contains)
        }
        let step = Self.roundStep((range.upperBound - range.lowerBound) / 4)
        let even = (1...8).map { (floor(range.lowerBound / step) + Double($0)) * step }.filter(range.contains)
        let marks = sets.first { $0.count > 2 } ?? even
        return "set \(axis)tics (" + marks.map { "'\(Self.label($0))' \($0)" }.joined(separator: ", ") + ")"
    }

    /// A round number as a mark is named, as gnuplot's markup.
    static func label(_ value: Double) -> String {
        guard !(1e-3..<1e5).contains(value) else { return NumberText.plain(value) }
        let power = Int(floor(log10(value * (1 + 1e-9))))
        return "\(NumberText.plain(value / pow(10, Double(power)))) × 10^{\(power < 0 ? "−" : "")\(abs(power))}"
    }

    /// 1, 2 or 5 times a power of ten, at least `step`.
    static func roundStep(_ step: Double) -> Double {
        let unit = pow(10, floor(log10(step)))
        return [1, 2, 5, 10].map { $0 * unit }.first { $0 >= step * (1 - 1e-9) } ?? 10 * unit
    }
}
