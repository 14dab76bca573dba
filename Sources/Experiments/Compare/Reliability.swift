import Foundation
import Recipes
import Runs
import Training

extension Comparison {
    /// How well a learned force tells its own error, on the sites of the test trajectories.
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

        /// What tells the error.
        public var estimate: TrainingOptions.Uncertainty
        /// Trained models, or models around the trained one, whose spread does; 1 where symmetries do.
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
        /// The part of the summed squared error that lies in the 1 % of the sites with the largest σ.
        public var worstShare: Double
        /// The same of the 1 % with the largest errors themselves: the most that any estimate could find.
        public var largestShare: Double
        /// Spearman's correlation of σ and error by configuration, both as root mean squares over its sites; NaN of less than two
        /// configurations.
        public var configurationCorrelation: Double
    }
}

extension Comparison.Reliability {
    /// Bins of σ in a factor of ten.
    private static let binsPerDecade = 4.0
    /// Smaller σ than this, relative to the largest, are in the lowest bin.
    private static let decades = 8.0

    /// - Parameters:
    ///   - errors: F̂ − F on the sites of each configuration.
    ///   - predicted: σ on the same sites.
    package init(of model: TrainedModel, errors configurations: [[Double]], predicted estimates: [[Double]]) {
        let (errors, predicted) = (configurations.flatMap(\.self), estimates.flatMap(\.self))
        let count = Double(max(1, errors.count))
        let lowest = (predicted.max() ?? 0) * pow(10, -Self.decades)
        func bin(_ sigma: Double) -> Int {
            sigma > 0 && sigma.isFinite ? Int((log10(max(sigma, lowest)) * Self.binsPerDecade).rounded(.down)) : .min
        }
        let groups = Dictionary(grouping: errors.indices) { bin(predicted[$0]) }
        func rootMeanSquare(_ values: [Double], _ indices: [Int]) -> Double {
            (indices.reduce(0) { $0 + values[$1] * values[$1] } / Double(max(1, indices.count))).squareRoot()
        }
        let squares = errors.map { $0 * $0 }
        /// The part of all squares on the 1 % of the sites where `values` are largest.
        func share(_ values: [Double]) -> Double {
            let order = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
            return order.prefix(max(1, errors.count / 100)).reduce(0) { $0 + squares[$1] } / squares.reduce(0, +)
        }
        func scale(_ values: [Double]) -> Double { rootMeanSquare(values, Array(values.indices)) }
        self.init(
            estimate: model.uncertainty, members: model.members.count, factor: model.calibration.factor,
            floor: model.calibration.floor,
            predicted: rootMeanSquare(predicted, Array(predicted.indices)),
            bins: groups.keys.sorted().map { key in
                let sites = groups[key]!
                return Bin(predicted: rootMeanSquare(predicted, sites), error: rootMeanSquare(errors, sites), sites: sites.count)
            },
            rankCorrelation: RankCorrelation.spearman(predicted, errors.map(abs)),
            within: [1.0, 2, 3].map { factor in
                Double(zip(errors, predicted).count { abs($0) <= factor * $1 }) / count
            },
            worstShare: share(predicted), largestShare: share(squares),
            configurationCorrelation: RankCorrelation.spearman(estimates.map(scale), configurations.map(scale)))
    }
}

extension Comparison.Reliability {
    /// What is worth telling.
    var fact: StageSummary.Fact {
        func percent(_ share: Double) -> String { TerminalNumber.text(100 * share, digits: 3) }
        return .init(
            "expected error (\(estimate.rawValue))",
            TerminalNumber.text(predicted)
                + "; \(percent(worstShare)) % of the squared error on the worst 1 % of the sites, at most "
                + "\(percent(largestShare)) %")
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
