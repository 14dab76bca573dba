import Foundation

extension Comparison {
    /// How well the spread of a committee tells the error of its force, on the sites of the test trajectories.
    public struct Reliability: Sendable, Codable {
        /// Sites of about the same predicted error.
        public struct Bin: Sendable, Codable {
            /// Root mean square of the predicted errors σ in the bin, four of which make a factor of ten.
            public var predicted: Double
            /// √⟨(F̂ − F)²⟩ of the same sites.
            public var error: Double
            /// How many sites there are.
            public var sites: Int
        }

        /// Members of the committee.
        public var members: Int
        /// α and a of the ``CommitteeCalibration`` that makes σ of their spread, found on the validation trajectories.
        public var factor: Double
        public var floor: Double
        /// √⟨σ²⟩ over all sites, to be compared with the root mean square error.
        public var predicted: Double
        /// In ascending order of σ; bins without sites are left out.
        public var bins: [Bin]
        /// Spearman's correlation of the ranks of σ and |F̂ − F|: 1 if the site with the larger σ always has the larger error.
        public var rankCorrelation: Double
        /// The fractions of the sites with |F̂ − F| ≤ σ, 2σ and 3σ; 0.683, 0.954 and 0.997 for normal errors.
        public var within: [Double]
    }
}

extension Comparison.Reliability {
    /// Bins of σ in a factor of ten.
    private static let binsPerDecade = 4.0
    /// Smaller σ than this, relative to the largest, are in the lowest bin.
    private static let decades = 8.0

    init(members: Int, calibration: CommitteeCalibration, errors: [Double], predicted: [Double]) {
        let count = Double(max(1, errors.count))
        let lowest = (predicted.max() ?? 0) * pow(10, -Self.decades)
        func bin(_ sigma: Double) -> Int {
            sigma > 0 && sigma.isFinite ? Int((log10(max(sigma, lowest)) * Self.binsPerDecade).rounded(.down)) : .min
        }
        let groups = Dictionary(grouping: errors.indices) { bin(predicted[$0]) }
        func rootMeanSquare(_ values: [Double], _ indices: [Int]) -> Double {
            (indices.reduce(0) { $0 + values[$1] * values[$1] } / Double(max(1, indices.count))).squareRoot()
        }
        self.init(
            members: members, factor: calibration.factor, floor: calibration.floor,
            predicted: rootMeanSquare(predicted, Array(predicted.indices)),
            bins: groups.keys.sorted().map { key in
                let sites = groups[key]!
                return Bin(predicted: rootMeanSquare(predicted, sites), error: rootMeanSquare(errors, sites), sites: sites.count)
            },
            rankCorrelation: RankCorrelation.spearman(predicted, errors.map(abs)),
            within: [1.0, 2, 3].map { factor in
                Double(zip(errors, predicted).count { abs($0) <= factor * $1 }) / count
            })
    }
}

/// Correlation of ranks (C. Spearman, Am. J. Psychol. 15, 72 (1904), doi:10.2307/1412159).
package enum RankCorrelation {
    /// The linear correlation of the ranks of two series; equal values share the mean of their ranks. NaN if one is constant.
    package static func spearman(_ a: [Double], _ b: [Double]) -> Double {
        precondition(a.count == b.count, "series of one length")
        let (first, second) = (ranks(a), ranks(b))
        let mean = Double(a.count - 1) / 2
        var (product, squareFirst, squareSecond) = (0.0, 0.0, 0.0)
        for (x, y) in zip(first, second) {
            product += (x - mean) * (y - mean)
            squareFirst += (x - mean) * (x - mean)
            squareSecond += (y - mean) * (y - mean)
        }
        guard squareFirst > 0, squareSecond > 0 else { return .nan }
        return product / (squareFirst * squareSecond).squareRoot()
    }

    /// Places in ascending order, from 0.
    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = Double(start + end) / 2 }
            start = end + 1
        }
        return ranks
    }
}
