import Foundation

/// What `audit` finds out, as written to `audit.json`. NaN (null in the file) where a number is not defined.
///
/// Errors are those of the electronic part of the force, in units of the hopping per displacement.
public struct AuditReport: Sendable, Codable {
    /// Errors over all sites of several configurations.
    public typealias Errors = Comparison.ForceErrors.Errors

    /// One frame of the trajectory.
    public struct Frame: Sendable, Codable {
        /// Counted from 0 in the trajectory.
        public var index: Int
        /// The errors in this frame.
        public var errors: AuditLine
        /// The cell of the site with the largest error.
        public var worstCell: [Int]
    }

    /// Sites at one distance from a domain wall, in all frames.
    public struct WallDistance: Sendable, Codable {
        /// Bonds to the nearest site with a neighbour in the other domain; the last entry holds all that are farther, too.
        public var distance: Int
        /// The errors on these sites.
        public var errors: Errors
    }

    /// How many sites are off by more than an error: the tail of the distribution.
    public struct Tail: Sendable, Codable {
        /// Ten a decade.
        public var errors: [Double]
        /// The fraction of the sites with a larger |F̂ − F|.
        public var fractions: [Double]
    }

    /// The title of the recipe.
    public var title: String
    /// Cells along each primitive vector, [Lx, Ly].
    public var size: [Int]
    /// The model file whose force was audited, as it was named, or the solver with its options.
    public var audited: String
    /// SHA-256 of the model file; empty for a solver.
    public var auditedDigest: String
    /// Whether the trajectory was run with that force; otherwise the configurations are those of another.
    public var isOwnTrajectory: Bool
    /// The solver it was compared with.
    public var solver: String
    /// Whether all sites of each frame were solved for, as one system.
    public var isWhole: Bool
    /// Where sites were sampled, the largest change of a force with the radius of its patch that was asked for.
    public var accuracy: Double
    /// What `Errors.percentiles` and `AuditLine.percentiles` stand for, in percent.
    public var percentileRanks: [Double]
    /// Over all audited sites of all frames.
    public var overall: Errors
    /// The standard error of the root mean square of `overall` from the choice of the sites; 0 if all were compared.
    public var samplingError: Double
    /// How well the force knows its own error, on the audited sites; nil if it has no estimate of it.
    public var reliability: Comparison.Reliability?
    /// In the order of time.
    public var frames: [Frame]
    /// Errors by the distance from a domain wall, nearest first; empty without two sublattices.
    public var walls: [WallDistance]
    /// The distribution of the errors in all frames.
    public var tail: Tail

    /// From this distance on, sites are taken together.
    static let largestDistance = 10

    /// The frame with the largest root mean square error.
    public var worstFrame: Frame? { frames.max { $0.errors.rootMeanSquare < $1.errors.rootMeanSquare } }
}

extension AuditReport {
    /// - Parameters:
    ///   - model: the one that is audited, if it tells its error.
    ///   - frames: at least one, in the order of time.
    init(_ setup: AuditSetup, of model: TrainedModel? = nil, title: String, frames: [AuditedFrame]) {
        let exact = frames.flatMap(\.forces.exact)
        let audited = frames.flatMap(\.forces.audited)
        let components = frames.first?.forces.components ?? 1
        let overall = ForceErrorStatistics.errors("all", exact: exact, learned: audited, components: components)
        let expected = frames.compactMap(\.expected)
        let squares = frames.map { $0.forces.meanSquareError * $0.forces.meanSquareError }
        self.init(
            title: title, size: setup.supercell.size, audited: setup.audited, auditedDigest: setup.auditedDigest,
            isOwnTrajectory: setup.isOwnTrajectory, solver: setup.solver.rawValue, isWhole: setup.isWhole,
            accuracy: setup.isWhole ? .nan : setup.accuracy, percentileRanks: Comparison.ForceErrors.standardRanks,
            overall: overall,
            samplingError: AuditLine.samplingError(
                overall.rootMeanSquare, meanSquareError: squares.reduce(0, +).squareRoot() / Double(frames.count)),
            reliability: model.flatMap { model in
                guard expected.count == frames.count else { return nil }
                return Comparison.Reliability(of: model, errors: frames.map(\.forces.errors), predicted: expected)
            },
            frames: frames.map { frame in
                let line = frame.line
                return Frame(index: frame.index, errors: line, worstCell: setup.supercell.cell(of: line.worstSite))
            },
            walls: Self.walls(frames), tail: Tail(zip(audited, exact).map { abs($0 - $1) }))
    }

    private static func walls(_ frames: [AuditedFrame]) -> [WallDistance] {
        var exact: [Int: [Double]] = [:]
        var audited: [Int: [Double]] = [:]
        for frame in frames {
            guard let distances = DomainWalls.distances(in: frame.displacement) else { continue }
            for (position, site) in frame.forces.sites.enumerated() {
                let distance = min(distances[site], largestDistance)
                let values = position * frame.forces.components..<(position + 1) * frame.forces.components
                exact[distance, default: []] += frame.forces.exact[values]
                audited[distance, default: []] += frame.forces.audited[values]
            }
        }
        return exact.keys.sorted().map { distance in
            WallDistance(
                distance: distance,
                errors: ForceErrorStatistics.errors(
                    distance < largestDistance ? "\(distance)" : "\(distance) and more", exact: exact[distance]!,
                    learned: audited[distance]!, components: frames[0].forces.components))
        }
    }
}

extension AuditReport.Tail {
    /// Smaller errors than this, relative to the largest, are not told apart.
    private static let decades = 8

    init(_ errors: [Double]) {
        let sorted = errors.sorted()
        guard let largest = sorted.last, largest > 0, largest.isFinite else {
            self.init(errors: [], fractions: [])
            return
        }
        let smallest = max(sorted.first { $0 > 0 } ?? largest, largest * pow(10, -Double(Self.decades)))
        let marks = Int((10 * log10(smallest)).rounded(.down))...Int((10 * log10(largest)).rounded(.up))
        var above: [Double] = []
        var position = 0
        let levels = marks.map { pow(10, Double($0) / 10) }
        for level in levels {
            while position < sorted.count, sorted[position] <= level { position += 1 }
            above.append(Double(sorted.count - position) / Double(sorted.count))
        }
        self.init(errors: levels, fractions: above)
    }
}
