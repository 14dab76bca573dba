import ElectronicStructure

/// Which numbers a key accepts. NaN and infinities are never among them.
struct NumberLimits: Sendable, CustomStringConvertible {
    /// Completes "… is allowed".
    let description: String
    private let accepts: @Sendable (Double) -> Bool

    func contains(_ number: Double) -> Bool { number.isFinite && accepts(number) }

    static let finite = NumberLimits("a finite number") { _ in true }
    static let positive = NumberLimits("a finite number above 0") { $0 > 0 }
    static let nonNegative = NumberLimits("a finite number from 0") { $0 >= 0 }

    static func from(_ range: ClosedRange<Double>) -> NumberLimits {
        NumberLimits("a number from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    }

    static func between(_ low: Double, _ high: Double) -> NumberLimits {
        NumberLimits("a number between \(low) and \(high), both excluded") { low < $0 && $0 < high }
    }

    /// From `low`, included, to `high`, excluded.
    static func from(_ range: Range<Double>) -> NumberLimits {
        NumberLimits("a number from \(range.lowerBound) to below \(range.upperBound)") { range.contains($0) }
    }

    /// Those of a parameter of the model.
    init(_ values: ParameterValues) { self.init(values.description, values.contains) }

    private init(_ description: String, _ accepts: @escaping @Sendable (Double) -> Bool) {
        self.description = description
        self.accepts = accepts
    }
}
