/// Arithmetic on the axes of an array, safe against the sizes a damaged file may claim.
enum ArrayShape {
    /// The most axes an array may have, which is HDF5's limit as well as NumPy's.
    static let largestRank = 32

    /// Number of elements, Π shape; nil if an axis is negative or the product does not fit in an `Int`.
    static func count(of shape: [Int]) -> Int? {
        // An axis of length zero makes the product zero, whatever the overflow of the others.
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        if shape.contains(0) { return 0 }
        return shape.reduce(1 as Int?) { product, axis in
            guard let product else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: axis)
            return overflow ? nil : next
        }
    }

    /// Number of bytes of an array with elements of `elementSize` bytes; nil where `count(of:)` is, or on overflow.
    static func byteCount(of shape: [Int], elementSize: Int) -> Int? {
        guard let count = count(of: shape) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: elementSize)
        return overflow ? nil : bytes
    }

    /// The shape as messages show it, as in `(3, 4)`.
    static func text(_ shape: [Int]) -> String {
        "(" + shape.map(String.init).joined(separator: ", ") + ")"
    }

    /// Where element `offset` of a row-major array lies, as in `[2, 0, 5]`.
    static func indexText(ofOffset offset: Int, in shape: [Int]) -> String {
        var remainder = offset
        var index: [Int] = []
        for axis in shape.reversed() {
            index.append(remainder % axis)
            remainder /= axis
        }
        return "[" + index.reversed().map(String.init).joined(separator: ", ") + "]"
    }

    /// Throws if `values`, laid out row-major with `shape`, holds a NaN or an infinity; `subject` names the array.
    static func requireFinite(
        _ values: some RandomAccessCollection<some BinaryFloatingPoint>, shape: [Int], subject: String, path: String,
        kind: StorageError.Kind = .malformed, except nonFinite: NonFinite = .refused
    ) throws {
        guard let (offset, value) = values.enumerated().first(where: { !nonFinite.allows($0.element) }) else { return }
        throw StorageError(
            kind, path: path,
            problem: "\(subject) holds \(value) at index \(indexText(ofOffset: offset, in: shape)); "
                + "only finite numbers are allowed")
    }
}

/// What may stand in an array that is written, beside finite numbers.
public enum NonFinite: Sendable {
    /// Nothing: what computed a number that is not finite has failed, and the file is not written.
    case refused
    /// NaN for numbers that are not defined.
    case undefined
    /// Anything, for a look at what has failed.
    case kept

    @inline(__always)
    func allows(_ value: some BinaryFloatingPoint) -> Bool {
        value.isFinite || self == .kept || (self == .undefined && value.isNaN)
    }
}
