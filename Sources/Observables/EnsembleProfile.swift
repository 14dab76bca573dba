/// A function measured in several independent runs at the same abscissae: L at times, C(r) on radii, S(q) on wave numbers.
public struct EnsembleProfile: Sendable, Equatable {
    /// Where it was measured: times, radii or wave numbers.
    public let abscissae: [Double]
    /// One row a run, [run][abscissa].
    public let samples: [[Double]]

    /// - Parameters:
    ///   - abscissae: where the function was measured.
    ///   - samples: one row a run, each with a value an abscissa; at least one row.
    public init(abscissae: [Double], samples: [[Double]]) {
        precondition(!samples.isEmpty && samples.allSatisfy { $0.count == abscissae.count }, "rows with a value an abscissa")
        self.abscissae = abscissae
        self.samples = samples
    }

    /// Independent runs.
    public var count: Int { samples.count }

    /// The mean over all runs, or over all but one; NaN where a run has no value.
    public func mean(excluding excluded: Int? = nil) -> [Double] {
        var sum = [Double](repeating: 0, count: abscissae.count)
        for (run, row) in samples.enumerated() where run != excluded {
            for k in row.indices { sum[k] += row[k] }
        }
        let runs = Double(count - (excluded == nil ? 0 : 1))
        return sum.map { $0 / runs }
    }

    /// The same with NaN for all runs wherever a condition on the index of the abscissa does not hold.
    public func keeping(_ condition: (Int) -> Bool) -> EnsembleProfile {
        let kept = abscissae.indices.map(condition)
        return EnsembleProfile(
            abscissae: abscissae, samples: samples.map { row in row.indices.map { kept[$0] ? row[$0] : .nan } })
    }

    /// The mean at every abscissa with its standard error over the runs.
    public var estimates: [Estimate] {
        abscissae.indices.map { k in Estimate(independent: samples.map { $0[k] }) }
    }
}
