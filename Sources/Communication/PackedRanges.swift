// Copies between a field and a message: the values of ranges one after the other.

extension UnsafeBufferPointer<Double> {
    /// Copies the values of the ranges, in their order, to the beginning of `target`.
    func pack(_ ranges: [Range<Int>], into target: UnsafeMutableBufferPointer<Double>) {
        var end = 0
        for range in ranges {
            (target.baseAddress! + end).update(from: baseAddress! + range.lowerBound, count: range.count)
            end += range.count
        }
    }

    /// Copies the values of the ranges to ranges as long of `target`.
    func copy(_ ranges: [Range<Int>], to targets: [Range<Int>], of target: UnsafeMutableBufferPointer<Double>) {
        for (range, other) in zip(ranges, targets) {
            (target.baseAddress! + other.lowerBound).update(from: baseAddress! + range.lowerBound, count: range.count)
        }
    }
}

extension UnsafeMutableBufferPointer<Double> {
    /// Copies the beginning of `source` to the ranges, in their order.
    func unpack(_ ranges: [Range<Int>], from source: UnsafeMutableBufferPointer<Double>) {
        var end = 0
        for range in ranges {
            (baseAddress! + range.lowerBound).update(from: source.baseAddress! + end, count: range.count)
            end += range.count
        }
    }
}
