/// A mean with its standard error.
public struct Estimate: Sendable, Equatable {
    /// The estimate itself, an average of samples.
    public let mean: Double
    /// One standard deviation of the mean; NaN if the data cannot tell (fewer than two samples or blocks).
    public let standardError: Double

    /// An estimate with an error found elsewhere.
    public init(mean: Double, standardError: Double) {
        self.mean = mean
        self.standardError = standardError
    }

    /// From independent samples, an ensemble of trajectories: x̄ and √(Σ (x − x̄)² / n(n − 1)).
    public init(independent samples: [Double]) {
        precondition(!samples.isEmpty, "at least one sample")
        let count = Double(samples.count)
        let mean = samples.reduce(0, +) / count
        let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.init(mean: mean, standardError: samples.count > 1 ? (squares / (count * (count - 1))).squareRoot() : .nan)
    }

    /// From a stationary series with memory, by averaging blocks of `blockLength` neighbours and taking those as independent;
    /// a rest shorter than a block counts in neither mean nor error.
    ///
    /// Blocks have to be longer than the memory of the series; ``blocking(_:)`` finds the length.
    public init(series: [Double], blockLength: Int) {
        precondition(blockLength >= 1 && series.count >= blockLength, "at least one block")
        let blocks = stride(from: 0, through: series.count - blockLength, by: blockLength).map { start in
            series[start..<start + blockLength].reduce(0, +) / Double(blockLength)
        }
        self.init(independent: blocks)
    }

    /// From a stationary series with memory: block lengths 1, 2, 4, … while 32 blocks remain, the largest error of all.
    ///
    /// The error grows with the block length until blocks are independent and scatters about that value from there on, by
    /// 1/√62 at most, so the largest is safe. The mean is that of the whole series.
    ///
    /// Source: Flyvbjerg & Petersen, J. Chem. Phys. 91, 461 (1989), doi:10.1063/1.457480.
    public static func blocking(_ series: [Double]) -> Estimate {
        let whole = Estimate(independent: series)
        var error = whole.standardError
        var length = 2
        while series.count / length >= 32 {
            error = max(error, Estimate(series: series, blockLength: length).standardError)
            length *= 2
        }
        return Estimate(mean: whole.mean, standardError: error)
    }

    /// A function of the means of independent samples, by leaving out one sample at a time; its bias of order 1/n is removed.
    ///
    /// With θ of all samples and θ_k of all but the k-th: mean n θ − (n − 1) θ̄, error √((n − 1)/n Σ (θ_k − θ̄)²).
    ///
    /// - Parameters:
    ///   - samples: n ≥ 2 samples, each a row of numbers of the same length.
    ///   - function: of the row of means.
    public static func jackknife(_ samples: [[Double]], _ function: ([Double]) -> Double) -> Estimate {
        precondition(samples.count >= 2 && samples.allSatisfy { $0.count == samples[0].count }, "two rows of one length")
        let count = Double(samples.count)
        let total = samples[0].indices.map { column in samples.reduce(0) { $0 + $1[column] } }
        let whole = function(total.map { $0 / count })
        let partial = samples.map { row in function(zip(total, row).map { ($0 - $1) / (count - 1) }) }
        let spread = Estimate(independent: partial)
        return Estimate(
            mean: count * whole - (count - 1) * spread.mean, standardError: (count - 1) * spread.standardError)
    }
}
