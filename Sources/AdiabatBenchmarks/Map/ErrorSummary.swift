/// The errors of many forces.
struct ErrorSummary: Encodable {
    /// √⟨δF²⟩
    let rootMeanSquare: Double
    /// Half of the errors are smaller.
    let median: Double
    /// 99 of 100 errors are smaller.
    let percentile99: Double
    let maximum: Double

    /// - Parameter errors: at least one.
    init(_ errors: [Double]) {
        let sorted = errors.map(abs).sorted()
        rootMeanSquare = (sorted.reduce(0) { $0 + $1 * $1 } / Double(sorted.count)).squareRoot()
        median = sorted[sorted.count / 2]
        percentile99 = sorted[sorted.count * 99 / 100]
        maximum = sorted[sorted.count - 1]
    }
}
